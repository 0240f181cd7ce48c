"""What you agree to: one consent for each purpose, each on its own, off until chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registrations.consent_texts import field_words
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
        super().__init__(**field_words(ConsentPurpose.NEEDS), required=False)


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
        super().__init__(**field_words(ConsentPurpose.STATISTICS), required=False)


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
        **field_words(ConsentPurpose.CRISIS_CONTACT),
        error_messages={
            "required": _(
                "Without this we cannot register you, because we could not write to you. "
                "Tick it, or leave this page: what you typed is erased within 72 hours."
            )
        },
    )
    tell_family = forms.BooleanField(**field_words(ConsentPurpose.TELL_FAMILY), required=False)
    share_with_agencies = forms.BooleanField(
        **field_words(ConsentPurpose.SHARE_WITH_AGENCIES), required=False
    )
    advice = forms.BooleanField(**field_words(ConsentPurpose.ADVICE), required=False)
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
