"""Whom an officer looks for, and why a record is opened."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.purposes import Purpose
from registrations.finding import Sought
from registrations.forms.duplicates import NotedPurposeForm

# What an officer may open one person's record for. A crisis has reasons of its own.
READING_PURPOSES = [
    (Purpose.ASSISTANCE.value, _("To assist this person")),
    (Purpose.FAMILY.value, _("A relative is asking after them")),
    (Purpose.RIGHTS.value, _("The person asked for it")),
    (Purpose.DATA_QUALITY.value, _("To set the record right")),
]


class ReadingPurposeForm(NotedPurposeForm):
    """Why one record is opened."""

    purpose = forms.ChoiceField(
        label=_("Why do you open this record?"),
        choices=READING_PURPOSES,
        widget=forms.RadioSelect,
        help_text=_(
            "Your post, the time and the reason go into the ledger. The person can read them."
        ),
        error_messages={"required": _("Choose a reason.")},
    )


class FindingForm(forms.Form):
    """One thing that the person, or whoever asks after them, can quote."""

    sought = forms.CharField(
        label=_("Email address, telephone, document number or reference"),
        max_length=254,
        help_text=_("Whole and exact. Write a telephone with + and its country code."),
        error_messages={"required": _("Write what you look for.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    purpose = forms.ChoiceField(
        label=_("Why do you look for them?"),
        choices=READING_PURPOSES,
        widget=forms.RadioSelect,
        help_text=_("The search goes into the ledger, with your post and this reason."),
        error_messages={"required": _("Choose a reason.")},
    )

    def clean_sought(self) -> Sought:
        return Sought.parse(self.cleaned_data["sought"])
