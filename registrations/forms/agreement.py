"""What you agree to: one consent for each purpose, each on its own, off until chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registrations.enums import ConsentPurpose, Gender
from registrations.forms.fields import LineField, TextField

_NEEDS_LENGTH = 1000


class NeedsField(TextField):
    """What somebody needs for their health: kept only with the consent below it."""

    def __init__(self, *, rows: int) -> None:
        super().__init__(
            label=_("Medical or mobility needs"),
            limit=_NEEDS_LENGTH,
            required=False,
            help_text=_(
                "What rescuers or a consulate must know to help you: a wheelchair, insulin, "
                "oxygen, an allergy. Leave it empty if there is nothing."
            ),
            widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
        )


class NeedsConsentField(forms.BooleanField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Keep these needs, for a crisis"),
            help_text=_(
                "They are about your health, so we keep them only if you say so here: encrypted, "
                "read only to help you in a crisis, and erased as soon as you take this back."
            ),
            required=False,
        )


def check_needs(form: forms.Form, *, consent: str) -> None:
    """Adds an error unless the form's `needs_text` and the consent field go together."""
    if "needs_text" in form.errors:
        return
    needs, agrees = form.cleaned_data["needs_text"], form.cleaned_data[consent]
    if needs and not agrees:
        form.add_error(consent, _("Tick this to let us keep your needs, or empty the box above."))
    elif agrees and not needs:
        form.add_error("needs_text", _("Write what you need, or take the tick below away."))


class StatisticsConsentField(forms.BooleanField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Count me in statistics"),
            help_text=_("As a number only, never as a person."),
            required=False,
        )


class GenderField(forms.ChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Gender"),
            required=False,
            choices=[("", _("Not given")), *Gender.choices],
        )


class RegionField(LineField):
    limit = 100

    def __init__(self) -> None:
        super().__init__(
            label=_("Region you come from"),
            required=False,
            help_text=_("For example a province or a department of your country."),
        )


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
        label=_("Tell my family contacts how I am"),
        help_text=_(
            "If you tick this, your consulate may pass on your answer to the people you named at "
            "home. Without it, it only calls them to find you."
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
            "A short message when our advice for a country you gave changes: gathered, and at "
            "once only if it is urgent. Each one lets you stop with one tap."
        ),
        required=False,
    )
    needs_text = NeedsField(rows=3)
    needs = NeedsConsentField()
    statistics = StatisticsConsentField()
    gender = GenderField()
    home_region = RegionField()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_needs(self, consent="needs")
        return cleaned

    @property
    def consents(self) -> frozenset[str]:
        return frozenset(
            purpose.value for purpose in ConsentPurpose if self.cleaned_data.get(purpose.value)
        )
