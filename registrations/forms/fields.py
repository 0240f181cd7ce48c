"""Fields that clean what a registration accepts by the rules in validation.py."""

from __future__ import annotations

from typing import Any

from django import forms

from registrations.validation import (
    NAME_LENGTH,
    MailAddress,
    PhoneNumber,
    check_length,
    clean_coordinate,
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
