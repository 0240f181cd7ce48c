"""What you agree to: one consent for each purpose, each on its own, off until chosen."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from registrations.enums import ConsentPurpose


class ConsentsForm(forms.Form):
    crisis_contact = forms.BooleanField(
        label=_("Contact me in a crisis where I am"),
        help_text=_(
            "Your registration rests on this: your consulate writes to you when an emergency "
            "touches the place and days you gave, and asks whether you are safe."
        ),
        error_messages={
            "required": _(
                "Without this we cannot register you, because we could not write to you. "
                "Tick it, or leave this page: what you typed is erased within 72 hours."
            )
        },
    )
    tell_family = forms.BooleanField(
        label=_("Tell my family contact how I am"),
        help_text=_(
            "If you tick this, your consulate may pass on your answer to the person you named at "
            "home. The portal sends them nothing by itself."
        ),
        required=False,
    )
    share_with_agencies = forms.BooleanField(
        label=_("Share with partner agencies that assist me"),
        help_text=_(
            "Only if you need help in a crisis, and only with those who give it. So far agencies "
            "are told about crises, never about people."
        ),
        required=False,
    )
    advice = forms.BooleanField(
        label=_("Send me advice about the places I go to"),
        help_text=_(
            "A short message when our advice for your destination changes. We send none so far."
        ),
        required=False,
    )
    statistics = forms.BooleanField(
        label=_("Count me in statistics"),
        help_text=_("As a number only, never as a person."),
        required=False,
    )

    @property
    def consents(self) -> frozenset[str]:
        return frozenset(
            purpose.value for purpose in ConsentPurpose if self.cleaned_data.get(purpose.value)
        )
