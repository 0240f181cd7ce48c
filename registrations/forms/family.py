"""Whom to call at home."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registrations.answers import FamilyAnswer
from registrations.forms.fields import LineField, MailField, NameField, PhoneField


class FamilyForm(forms.Form):
    name = NameField(label=_("Their full name"), required=False)
    relationship = LineField(
        label=_("Who they are to you"),
        required=False,
        help_text=_("For example: mother, husband, friend."),
    )
    phone = PhoneField(
        label=_("Their telephone"),
        required=False,
        help_text=_("With + and the country code, for example +34 600 123 456."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr"}),
    )
    mail = MailField(
        label=_("Their email address"),
        required=False,
        widget=forms.EmailInput(attrs={"spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or not any(cleaned.values()):
            return cleaned
        if not cleaned["name"]:
            self.add_error("name", _("Write their name, or leave everything here empty."))
        if not (cleaned["phone"] or cleaned["mail"]):
            self.add_error("phone", _("Write their telephone or their email address."))
        return cleaned

    @property
    def answer(self) -> FamilyAnswer | None:
        """None when everything was left empty."""
        return FamilyAnswer(**self.cleaned_data) if self.cleaned_data["name"] else None
