"""What an officer says before two registrations are shown side by side, and when deciding."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.purposes import Purpose
from registrations.models import Person
from registrations.references import identifiers_of

NOTE_LENGTH = 300


class NotedPurposeForm(forms.Form):
    """Why records are opened, from the listed purposes, and a note beside it."""

    purpose: forms.Field
    note = forms.CharField(
        label=_("Note"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept sealed, beside the reason."),
    )


class ComparingReasonForm(NotedPurposeForm):
    """Why two records are opened."""

    purpose = forms.ChoiceField(
        label=_("Why do you open these two records?"),
        choices=[
            (Purpose.DATA_QUALITY.value, _("To find out whether they are one person")),
            (Purpose.ASSISTANCE.value, _("To assist this person")),
            (Purpose.RIGHTS.value, _("The person asked for it")),
        ],
        widget=forms.RadioSelect,
        help_text=_("Your post, the time and the reason go into the ledger, for both people."),
        error_messages={"required": _("Choose a reason.")},
    )


class DecidingForm(forms.Form):
    """The note beside a decision."""

    note = forms.CharField(
        label=_("What did you find?"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept sealed in the ledger, for both people."),
    )


class TwoReferencesForm(forms.Form):
    """Two references that people have quoted."""

    first = forms.CharField(
        label=_("One reference"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    second = forms.CharField(
        label=_("The other"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_first(self) -> UUID:
        return self._person("first")

    def clean_second(self) -> UUID:
        return self._person("second")

    def _person(self, name: str) -> UUID:
        """Whether somebody bears it is answered together with whether the officer may see them."""
        between = identifiers_of(self.cleaned_data[name])
        if between is None:
            raise forms.ValidationError(
                _("Write the eight letters and digits of a reference, like 7K2M-9QX4."),
                code="reference",
            )
        found = Person.objects.filter(pk__range=between).order_by("pk")
        return found.values_list("pk", flat=True).first() or between[0]
