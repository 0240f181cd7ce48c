"""What officers type: a level, local numbers, and the page's words in each language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from advisories.content import TEXT_FIELDS
from advisories.enums import Level, NumberKind
from advisories.models import Advice
from advisories.reading import section_title
from advisories.validation import dialled_numbers

# How long a page is believed before somebody must look at it again.
REVIEW_DAYS = 90
_LONGEST = {"summary": 2000, "changed": 2000, "before_leaving": 2000}


class DialledNumbersField(forms.CharField):
    """Numbers of one kind as they are dialled there, parted by commas; cleaned to a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=120,
            widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return dialled_numbers(super().to_python(value) or "")

    def run_validators(self, value: Any) -> None:
        super().run_validators(", ".join(value))


class ReviewDateForm(forms.Form):
    """The day by which somebody looks at the page again."""

    review_on = forms.DateField(
        label=_("Check it again by"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean_review_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["review_on"]
        today = timezone.now().date()
        if not today < day <= today + dt.timedelta(days=366):
            raise forms.ValidationError(_("Choose a day within the next twelve months."))
        return day


class AdviceForm(ReviewDateForm):
    """What is the same in every language."""

    level = forms.TypedChoiceField(
        label=_("Level"), choices=Level.choices, coerce=int, widget=forms.RadioSelect
    )
    is_urgent = forms.BooleanField(
        label=_("Tell people at once"),
        required=False,
        help_text=_(
            "For danger. Without this, the change goes into the digest of the day. Either goes to "
            "those who asked for advice and have a stay there, now or to come."
        ),
    )
    field_order = ("level", "is_urgent", "review_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            (level.value, f"{level.value} · {level.label}") for level in Level
        ]
        for kind in NumberKind:
            self.fields[_number_field(kind)] = DialledNumbersField(label=kind.label)

    @property
    def number_fields(self) -> list[forms.BoundField]:
        return [self[_number_field(kind)] for kind in NumberKind]

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """(kind, number) of all that were typed, in the order of the page."""
        return [
            (kind.value, number)
            for kind in NumberKind
            for number in self.cleaned_data[_number_field(kind)]
        ]

    @staticmethod
    def initial_of(advice: Advice | None) -> dict[str, Any]:
        """The form as a version fills it in; its day of review and its urgency start anew."""
        today = timezone.now().date()
        initial: dict[str, Any] = {"review_on": today + dt.timedelta(days=REVIEW_DAYS)}
        if advice is None:
            return initial
        if advice.is_draft:
            initial |= {"review_on": advice.review_on, "is_urgent": advice.is_urgent}
        for kind in NumberKind:
            rows = [row.number for row in advice.numbers.all() if row.kind == kind]
            initial[_number_field(kind)] = ", ".join(rows)
        return initial | {"level": advice.level}


def _number_field(kind: NumberKind) -> str:
    return f"number_{kind.value}"


class AdviceTextForm(forms.Form):
    """The page's words in one language; left empty, its readers get another one's."""

    use_required_attribute = False
    conditional = ("summary",)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        language: str,
        direction: str,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix=language, initial=initial)
        self.language = language
        for name in TEXT_FIELDS:
            self.fields[name] = forms.CharField(
                label=section_title(name),
                required=False,
                max_length=_LONGEST.get(name, 6000),
                help_text=_HINTS.get(name, ""),
                widget=forms.Textarea(
                    attrs={
                        "rows": _rows_for((initial or {}).get(name, "")),
                        "lang": language,
                        "dir": direction,
                    }
                ),
            )

    @property
    def is_filled(self) -> bool:
        return any(self.cleaned_data.get(name) for name in TEXT_FIELDS)

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TEXT_FIELDS}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and self.is_filled and not cleaned["summary"]:
            self.add_error("summary", _("Say in short what a reader of this language must know."))
        return cleaned


_HINTS: Mapping[str, Any] = {
    "summary": _("Two or three sentences. They stand on top, beside the level."),
    "changed": _("What is new since the last version. It is sent to people, if it is urgent."),
    "before_leaving": _("One thing on each line, besides what holds for every country."),
}


def _rows_for(words: str) -> int:
    """High enough to read what stands there, on a wide screen."""
    lines = sum(1 + len(line) // 55 for line in words.splitlines())
    return min(max(lines + 1, 3), 16)
