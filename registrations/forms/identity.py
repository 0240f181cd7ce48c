"""Who you are, and the codes that prove how you are reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel
from registrations.answers import ContactAnswer
from registrations.forms.fields import (
    BirthDateField,
    DocumentField,
    MailField,
    NameField,
    PhoneField,
)


class WhoForm(forms.Form):
    # The last two stand in a closed part, whose title calls them optional.
    conditional = (
        *("mail", "mobile", "mail_abroad", "mobile_abroad"),
        *("document_number", "birth_date"),
    )
    name = NameField(
        label=_("Your full name"),
        help_text=_("As it stands in your passport, in any script."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )
    mail = MailField(
        label=_("Email address"),
        required=False,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "placeholder": " "}
        ),
    )
    mobile = PhoneField(
        label=_("Mobile number"),
        required=False,
        mobile=True,
        help_text=_("With + and the country code, for example +34 600 123 456."),
        widget=forms.TextInput(
            attrs={"autocomplete": "tel", "inputmode": "tel", "dir": "ltr", "placeholder": " "}
        ),
    )
    # The empty placeholders let the stylesheet show these two where both addresses are given.
    mail_abroad = forms.BooleanField(
        label=_("I read this email address abroad"), required=False, initial=True
    )
    mobile_abroad = forms.BooleanField(
        label=_("I have this mobile number with me abroad"), required=False, initial=True
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

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed = {"mail", "mobile"} & set(self.errors)
        if not typed and not (cleaned.get("mail") or cleaned.get("mobile")):
            self.add_error("mail", _("Write an email address or a mobile number."))
        return cleaned

    @property
    def contacts(self) -> list[ContactAnswer]:
        """What was given. Where neither was said to work abroad, both are tried there."""
        cleaned = self.cleaned_data
        given = [
            (channel, cleaned[name], cleaned[f"{name}_abroad"])
            for channel, name in ((Channel.MAIL, "mail"), (Channel.SMS, "mobile"))
            if cleaned[name]
        ]
        is_said = len(given) > 1 and any(works for _channel, _address, works in given)
        return [
            ContactAnswer(channel=channel.value, address=address, works_abroad=works or not is_said)
            for channel, address, works in given
        ]


class CodeForm(forms.Form):
    """One field for each address that is still to be proved."""

    def __init__(
        self, *args: Any, pending: Sequence[ContactAnswer], anything_proved: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pending = {f"code_{contact.channel}": contact for contact in pending}
        # One proved address is enough to go on; the other may be left for now.
        only_one = len(self.pending) == 1 and not anything_proved
        for name, contact in self.pending.items():
            self.fields[name] = forms.CharField(
                # A space or a dash between the digits does no harm.
                max_length=40,
                required=only_one,
                label=_("Code sent to %(address)s") % {"address": contact.address},
                error_messages={"required": _("Write the code we sent.")},
                widget=forms.TextInput(
                    attrs={
                        "autocomplete": "one-time-code",
                        "inputmode": "numeric",
                        "dir": "ltr",
                        "class": "code-input",
                    }
                ),
            )
        self.must_prove = not anything_proved

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.must_prove and not self.errors and not any(cleaned.values()):
            first = next(iter(self.pending), None)
            if first:
                self.add_error(first, _("Write the code we sent to at least one of them."))
        return cleaned

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, by channel."""
        return {
            contact.channel: self.cleaned_data[name]
            for name, contact in self.pending.items()
            if self.cleaned_data.get(name)
        }
