"""What people change of their registration, a form for each question."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geography.forms import PlaceNameInput, PlaceSearchMixin
from geography.models import Place
from registrations.consent_texts import RELAY, field_words
from registrations.days import check_period
from registrations.forms.agreement import (
    GenderField,
    NeedsConsentField,
    NeedsField,
    RegionField,
    StatisticsConsentField,
    check_needs,
)
from registrations.forms.fields import (
    BirthDateField,
    DayField,
    DocumentField,
    LineField,
    NameField,
)
from registrations.forms.signing_in import ContactField


class FactsForm(forms.Form):
    name = NameField(
        label=_("Your full name"),
        help_text=_("As it stands in your passport, in any script."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )
    language = forms.ChoiceField(
        label=_("Write to me in"),
        choices=settings.LANGUAGES,
        error_messages={"required": _("Choose a language.")},
    )
    document_number = DocumentField(
        label=_("Passport or identity card number"),
        required=False,
        help_text=_("Helps us to replace the document, and to tell you from your namesakes."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    birth_date = BirthDateField(label=_("Date of birth"), required=False)


class NeedsForm(forms.Form):
    conditional = ("needs_text",)
    needs_text = NeedsField(rows=4)
    agree = NeedsConsentField()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_needs(self, consent="agree")
        return cleaned


class StatisticsForm(forms.Form):
    agree = StatisticsConsentField()
    gender = GenderField()
    home_region = RegionField()


class LastDayForm(forms.Form):
    ends_on = DayField(
        label=_("Last day"),
        error_messages={"required": _("Write the last day.")},
    )

    def __init__(self, *args: Any, starts_on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts_on = starts_on

    def clean_ends_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["ends_on"]
        problems = check_period(self.starts_on, day, today=timezone.now().date())
        if "ends_on" in problems:
            raise problems["ends_on"]
        return day


class NewContactForm(forms.Form):
    contact = ContactField(
        label=_("The new email address or mobile number"),
        help_text=_(
            "We send a code to it. A number begins with + and the country code, "
            "for example +34 600 123 456."
        ),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        ),
        error_messages={"required": _("Write an email address or a mobile number.")},
    )


class FocalPointForm(PlaceSearchMixin, forms.Form):
    conditional = ("place_id",)
    place = LineField(
        label=_("Town where you can pass word on"),
        help_text=_("In any language. The nearest town will do."),
        widget=PlaceNameInput,
        error_messages={"required": _("Write the town.")},
    )
    community = LineField(
        label=_("Your community"),
        required=False,
        help_text=_("For example a parish, an association, a school, a street or a ship."),
    )
    agree = forms.BooleanField(
        **field_words(RELAY),
        error_messages={"required": _("Tick this, or go back.")},
    )

    found: Place | None = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("place"):
            self.found = self.found_place()
        return cleaned
