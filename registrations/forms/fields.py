"""Fields that clean what a registration accepts by the rules in validation.py."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from registrations.days import check_birth, parse_day
from registrations.validation import (
    NAME_LENGTH,
    MailAddress,
    PhoneNumber,
    check_length,
    clean_coordinate,
    clean_document,
    clean_name,
    tidy,
)


class NameField(forms.CharField):
    """A name. Its length is counted after tidying, and the browser cuts nothing off."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return clean_name(text) if text else ""


class LineField(forms.CharField):
    """One line of free text, tidied."""

    limit = NAME_LENGTH

    def clean(self, value: Any) -> str:
        return check_length(tidy(super().clean(value)), self.limit)


class TextField(forms.CharField):
    """Several lines of free text, each tidied."""

    widget = forms.Textarea

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit

    def clean(self, value: Any) -> str:
        lines = (tidy(line) for line in super().clean(value).splitlines())
        return check_length("\n".join(line for line in lines if line), self.limit)


class DocumentField(forms.CharField):
    """The number of a passport or an identity card."""

    def clean(self, value: Any) -> str:
        return clean_document(super().clean(value))


class DayField(forms.DateField):
    """A day: what a date picker sends, or what is typed where a browser has none."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values or isinstance(value, dt.date):
            return super().to_python(value)
        return parse_day(str(value))

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show a typed day as the picker writes it, or it would come back empty there."""
        try:
            return self.to_python(data) or data
        except ValidationError:
            return data


class BirthDateField(DayField):
    widget = forms.DateInput(
        format="%Y-%m-%d", attrs={"type": "date", "min": "1900-01-01", "autocomplete": "off"}
    )

    def clean(self, value: Any) -> dt.date | None:
        born = super().clean(value)
        return check_birth(born, today=timezone.now().date()) if born else None


class MailField(forms.CharField):
    widget = forms.EmailInput

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return MailAddress.parse(text).address if text else ""


class PhoneField(forms.CharField):
    widget = forms.TextInput

    def __init__(self, *, mobile: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mobile = mobile
        self.widget.input_type = "tel"

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return PhoneNumber.parse(text, mobile=self.mobile).address if text else ""


class CoordinateField(forms.CharField):
    """Decimal degrees; empty gives None."""

    def __init__(self, *, latitude: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latitude = latitude

    def clean(self, value: Any) -> float | None:
        text = super().clean(value)
        return clean_coordinate(text, latitude=self.latitude) if text else None
