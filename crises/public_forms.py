"""What people send us in a crisis on one screen: of themselves, or of a relative."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crises.enums import Choice
from crises.whereabouts import WhereForm
from notifications.enums import Channel
from registrations.answers import ContactAnswer
from registrations.consent_texts import CRISIS_FORM, field_words
from registrations.forms.fields import (
    DayField,
    LineField,
    MailField,
    NameField,
    PhoneField,
    TextField,
)

_NOTE_LIMIT = 900
_LONG_AGO = dt.timedelta(days=366)
_NUMBER_HINT = _("With + and the country code, for example +34 600 123 456.")


def _token() -> str:
    return uuid4().hex


class CrisisForm(WhereForm):
    """A form that is taken once, however often it is sent."""

    token = forms.CharField(required=False, max_length=32, initial=_token, widget=forms.HiddenInput)

    def as_sent(self) -> str:
        """All that was typed, with the form's own token: the same again is the same form."""
        left_out = {"place_id", "offered_for"}
        typed = {name: self.cleaned_data.get(name) for name in self.fields if name not in left_out}
        return json.dumps(typed, default=str, sort_keys=True)

    @property
    def contacts(self) -> list[ContactAnswer]:
        """How the person in the crisis may be reached."""
        given = ((Channel.SMS, "mobile"), (Channel.MAIL, "mail"))
        return [
            ContactAnswer(channel=channel.value, address=self.cleaned_data[field])
            for channel, field in given
            if self.cleaned_data[field]
        ]

    def require_one_of(self, phone: str, mail: str, *, otherwise: Any) -> None:
        """Adds the error `otherwise` when neither field was filled in."""
        is_wrong = {phone, mail} & self.errors.keys()
        if not is_wrong and not (self.cleaned_data.get(mail) or self.cleaned_data.get(phone)):
            self.add_error(phone, otherwise)


class RegisterForm(CrisisForm):
    """By the person who is there."""

    conditional = ("country", "place_id", "mobile", "mail")

    name = NameField(
        label=_("Your full name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )
    mobile = PhoneField(
        label=_("Mobile number"),
        required=False,
        mobile=True,
        help_text=_NUMBER_HINT,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
    )
    mail = MailField(
        label=_("Email address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    wellbeing = forms.ChoiceField(
        label=_("How are you now?"),
        required=False,
        choices=[
            (Choice.SAFE.value, Choice.SAFE.label),
            (Choice.NEED_HELP.value, Choice.NEED_HELP.label),
        ],
        widget=forms.RadioSelect,
    )
    note = TextField(
        label=_("What the consulate should know"),
        required=False,
        limit=_NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example the address, who is with you, or whether somebody is hurt."),
    )
    agrees = forms.BooleanField(
        **field_words(CRISIS_FORM),
        error_messages={"required": _("Tick this, so that we may write to you.")},
    )

    field_order = (
        "name", "mobile", "mail", "country", "place", "place_id", "wellbeing", "note", "agrees",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].help_text = _(
            "Where you are now, in any language. Leave it empty if you do not know."
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.require_one_of(
            "mobile", "mail", otherwise=_("Write a mobile number or an email address.")
        )
        self.locate()
        return self.cleaned_data

    @property
    def choice(self) -> Choice | None:
        return Choice(self.cleaned_data["wellbeing"]) if self.cleaned_data["wellbeing"] else None


class RelativeForm(CrisisForm):
    """By somebody at home who is looking for a relative."""

    conditional = ("country", "place_id", "own_mobile", "own_mail")

    own_name = NameField(
        label=_("Your full name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )
    own_mobile = PhoneField(
        label=_("Your telephone number"),
        required=False,
        help_text=_NUMBER_HINT,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
    )
    own_mail = MailField(
        label=_("Your email address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    relationship = LineField(
        label=_("What are you to them?"),
        help_text=_("For example mother, husband or friend."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write what you are to them.")},
    )
    name = NameField(
        label=_("Their full name"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write their name.")},
    )
    mobile = PhoneField(
        label=_("Their mobile number"),
        required=False,
        mobile=True,
        help_text=_NUMBER_HINT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel", "dir": "ltr"}),
    )
    mail = MailField(
        label=_("Their email address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    since = DayField(
        label=_("There since"), required=False, help_text=_("Leave it empty if you do not know.")
    )
    note = TextField(
        label=_("What else do you know?"),
        required=False,
        limit=_NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example when you last heard of them, and who is with them."),
    )

    field_order = (
        "name", "mobile", "mail", "country", "place", "place_id", "since", "note",
        "own_name", "relationship", "own_mobile", "own_mail",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].help_text = _(
            "Where they are, or were last, in any language. Leave it empty if you do not know."
        )

    def clean_since(self) -> dt.date | None:
        since: dt.date | None = self.cleaned_data["since"]
        today = timezone.now().date()
        # A day's grace: it may already be tomorrow where they are.
        if since and since > today + dt.timedelta(days=1):
            raise forms.ValidationError(_("This day is still to come."))
        # Whoever has been there longer lives there; the year is all that counts.
        return max(since, today - _LONG_AGO) if since else None

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.require_one_of(
            "own_mobile",
            "own_mail",
            otherwise=_("Write your telephone number or email address."),
        )
        self.locate()
        return self.cleaned_data

    @property
    def reporter(self) -> dict[str, str]:
        cleaned = self.cleaned_data
        return {
            "name": cleaned["own_name"],
            "contact": ", ".join(filter(None, (cleaned["own_mobile"], cleaned["own_mail"]))),
            "relationship": cleaned["relationship"],
        }
