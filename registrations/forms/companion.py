"""Who travels along, and how they agree to be named."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registrations.answers import CompanionAnswer
from registrations.consent_texts import COMPANION, current_text, field_words
from registrations.days import age_on
from registrations.enums import CompanionConsent
from registrations.forms.fields import BirthDateField, MailField, NameField, PhoneField

FULL_AGE = 18


class CompanionForm(forms.Form):
    conditional = ("mail", "phone")
    name = NameField(
        label=_("Their full name"),
        help_text=_("As it stands in their passport, in any script."),
        error_messages={"required": _("Write their name.")},
    )
    birth_date = BirthDateField(label=_("Their date of birth"), required=False)
    consent = forms.ChoiceField(
        label=field_words(COMPANION)["label"],
        # The parts of the text stand in the order of CompanionConsent.
        choices=lambda: list(
            zip(CompanionConsent.values, current_text(COMPANION).parts, strict=True)
        ),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how they agree. Nobody is named without it.")},
    )
    mail = MailField(
        label=_("Their email address"),
        required=False,
        widget=forms.EmailInput(attrs={"spellcheck": "false"}),
    )
    phone = PhoneField(
        label=_("Their mobile number"),
        required=False,
        mobile=True,
        help_text=_("With + and the country code, for example +34 600 123 456."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr"}),
    )

    def __init__(self, *args: Any, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        consent, born = cleaned.get("consent"), cleaned.get("birth_date")
        if consent and isinstance(born, dt.date):
            self._compare_ages(CompanionConsent(consent), born)
        if consent != CompanionConsent.INVITED:
            return cleaned
        if not self.errors and not (cleaned["mail"] or cleaned["phone"]):
            self.add_error(
                "mail", _("Write their own email address or mobile number, to write to them.")
            )
        return cleaned

    def _compare_ages(self, consent: CompanionConsent, born: dt.date) -> None:
        is_minor = age_on(timezone.now().date(), born) < FULL_AGE
        if is_minor and consent != CompanionConsent.GUARDIAN:
            self.add_error(
                "consent",
                _("Born on that day they are under 18: a parent or guardian agrees for them."),
            )
        elif not is_minor and consent == CompanionConsent.GUARDIAN:
            self.add_error(
                "consent", _("Born on that day they are 18 or older: they agree for themselves.")
            )

    @property
    def answer(self) -> CompanionAnswer:
        cleaned = self.cleaned_data
        consent = CompanionConsent(cleaned["consent"])
        # Nobody who was not to be written to leaves an address here.
        is_invited = consent == CompanionConsent.INVITED
        return CompanionAnswer(
            name=cleaned["name"],
            is_minor=consent == CompanionConsent.GUARDIAN,
            consent=consent.value,
            birth_date=cleaned["birth_date"],
            mail=cleaned["mail"] if is_invited else "",
            phone=cleaned["phone"] if is_invited else "",
            key=self.key,
        )
