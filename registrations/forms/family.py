"""Whom to call at home."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from registrations.answers import FamilyAnswer
from registrations.forms.fields import LineField, MailField, NameField, PhoneField


class RelationshipField(LineField):
    limit = 100


class FamilyForm(forms.Form):
    """One family contact. Where it `may_be_empty`, everything empty means nobody."""

    conditional = ("name", "phone", "mail", "language")
    name = NameField(label=_("Their full name"), required=False)
    relationship = RelationshipField(
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
    language = forms.ChoiceField(
        label=_("Write to them in"), required=False, choices=settings.LANGUAGES
    )

    def __init__(
        self, *args: Any, key: str = "", may_be_empty: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.may_be_empty = may_be_empty

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        told = [cleaned.get(name) for name in ("name", "relationship", "phone", "mail")]
        if self.errors or (self.may_be_empty and not any(told)):
            return cleaned
        if not cleaned["name"]:
            self.add_error(
                "name",
                _("Write their name, or leave everything here empty.")
                if self.may_be_empty
                else _("Write their name."),
            )
        if not (cleaned["phone"] or cleaned["mail"]):
            self.add_error("phone", _("Write their telephone or their email address."))
        return cleaned

    @property
    def answer(self) -> FamilyAnswer | None:
        """None when everything was left empty."""
        if not self.cleaned_data["name"]:
            return None
        return FamilyAnswer(**self.cleaned_data, key=self.key)
