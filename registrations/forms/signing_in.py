"""Signing in without a password: an address, its code, and who is meant if several share it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel
from registrations.answers import ContactAnswer
from registrations.validation import MailAddress, PhoneNumber


class ContactField(forms.CharField):
    """An email address or a mobile number; gives a ContactAnswer."""

    def clean(self, value: Any) -> ContactAnswer:
        text = super().clean(value)
        if "@" in text or any(letter.isalpha() for letter in text):
            return ContactAnswer(Channel.MAIL.value, MailAddress.parse(text).address)
        return ContactAnswer(Channel.SMS.value, PhoneNumber.parse(text, mobile=True).address)


class SignInForm(forms.Form):
    contact = ContactField(
        label=_("Your email address or mobile number"),
        help_text=_(
            "The one you registered with. A number begins with + and the country code, "
            "for example +34 600 123 456."
        ),
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "dir": "ltr",
            }
        ),
        error_messages={"required": _("Write an email address or a mobile number.")},
    )


class OneCodeForm(forms.Form):
    """The code sent to one address."""

    code = forms.CharField(
        # A space or a dash between the digits does no harm.
        max_length=40,
        label=_("The code"),
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

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A mail address or a number reads from the left in any script around it.
        isolated = f"\N{LEFT-TO-RIGHT ISOLATE}{address}\N{POP DIRECTIONAL ISOLATE}"
        self.fields["code"].label = _("Code sent to %(address)s") % {"address": isolated}


class WhichPersonForm(forms.Form):
    who = forms.CharField(
        max_length=400,
        label=_("Your full name, or your reference"),
        help_text=_(
            "Your name as you wrote it when you registered, or the reference of eight letters "
            "and digits, like 7K2M-9QX4."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
        error_messages={"required": _("Write your name or your reference.")},
    )
