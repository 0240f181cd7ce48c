"""Where and when: a town by name, a pin or coordinates, or only a country; and the days."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geography.countries import country_choices
from geography.labels import label_places
from geography.models import Place
from registrations.answers import OPEN_END, StayAnswer
from registrations.enums import StayKind
from registrations.forms.fields import CoordinateField, LineField
from registrations.locating import (
    at_pin,
    at_place,
    find_places,
    in_country,
    is_label_of,
    places_like,
)
from registrations.validation import check_period

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _countries() -> list[tuple[str, Any]]:
    return [("", _("Choose a country")), *country_choices()]


class StayForm(forms.Form):
    conditional = ("place", "country", "starts_on", "ends_on")
    kind = forms.ChoiceField(
        label=_("What brings you there?"),
        choices=StayKind.choices,
        initial=StayKind.TRIP,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    place = LineField(
        label=_("Town or city"),
        required=False,
        help_text=_("In any language. The nearest town will do."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "data-place-search": "",
                "data-url": reverse_lazy("search_places"),
                "data-target": "id_place_id",
            }
        ),
    )
    # What the search box found, and for which text; a name typed anew is searched anew.
    place_id = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=_countries,
        help_text=_("If you do not know the town yet, choose only the country."),
    )
    latitude = CoordinateField(
        label=_("Latitude"),
        required=False,
        latitude=True,
        widget=forms.TextInput(attrs={"inputmode": "text", "dir": "ltr"}),
    )
    longitude = CoordinateField(
        label=_("Longitude"),
        required=False,
        latitude=False,
        widget=forms.TextInput(attrs={"inputmode": "text", "dir": "ltr"}),
    )
    exact_address = LineField(
        label=_("Address or name of the lodging"),
        required=False,
        help_text=_("Kept encrypted, and read only when you need help."),
    )
    starts_on = forms.DateField(
        label=_("First day"),
        required=False,
        widget=_DAY,
        error_messages={"invalid": _("Write the day as year-month-day, like 2027-03-31.")},
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=_DAY,
        help_text=_("If you live there, leave it empty when no end is planned."),
        error_messages={"invalid": _("Write the day as year-month-day, like 2027-03-31.")},
    )

    def __init__(self, *args: Any, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.located: dict[str, Any] = {}
        self.label_found = ""

    @property
    def offers_places(self) -> bool:
        return isinstance(self.fields["place_id"].widget, forms.RadioSelect)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._clean_days(cleaned)
        self._locate(cleaned)
        return cleaned

    def _clean_days(self, cleaned: dict[str, Any]) -> None:
        lives_there = cleaned.get("kind") == StayKind.RESIDENCE
        today = timezone.now().date()
        if cleaned.get("starts_on") is None and "starts_on" not in self.errors:
            if lives_there:
                cleaned["starts_on"] = min(today, cleaned.get("ends_on") or today)
            else:
                self.add_error("starts_on", _("Write the first day."))
        if cleaned.get("ends_on") is None and "ends_on" not in self.errors and not lives_there:
            self.add_error(
                "ends_on",
                _("Write the last day. If no end is planned, choose “I live there” above."),
            )
        if isinstance(cleaned.get("starts_on"), dt.date) and "ends_on" not in self.errors:
            problems = check_period(cleaned["starts_on"], cleaned.get("ends_on"), today=today)
            for name, problem in problems.items():
                self.add_error(name, problem)

    def _locate(self, cleaned: dict[str, Any]) -> None:
        """A pin is the most exact, then the town; the country alone is the least."""
        given = {"latitude", "longitude"} & {name for name in cleaned if cleaned[name] is not None}
        if self.errors.keys() & {"latitude", "longitude", "place", "country"}:
            return
        if len(given) == 1:
            missing = ({"latitude", "longitude"} - given).pop()
            self.add_error(missing, _("Write both the latitude and the longitude."))
        elif given:
            self.located = at_pin(cleaned["latitude"], cleaned["longitude"])
        elif cleaned.get("place"):
            self._find_place(cleaned)
        elif cleaned.get("country"):
            self.located = in_country(cleaned["country"])
        else:
            self.add_error(
                "place", _("Write the town, or choose the country if you do not know it yet.")
            )

    def _find_place(self, cleaned: dict[str, Any]) -> None:
        text, country = cleaned["place"], cleaned.get("country") or ""
        found = find_places(text, country=country)
        chosen = cleaned.get("place_id") or ""
        if chosen.isascii() and chosen.isdigit():
            place = Place.objects.filter(pk=int(chosen)).first() if len(chosen) < 10 else None
            if place and (place in found or is_label_of(text, place) or self._was_offered(place)):
                self.located = at_place(place)
                return
        if len(found) == 1:
            self.located = at_place(found[0])
        elif found:
            self._offer(found, _("Several places bear this name. Choose one."))
        else:
            alike = places_like(text, country=country)
            if alike:
                self._offer(alike, _("We know no town of this name. Did you mean one of these?"))
            elif country and find_places(text):
                self.add_error("country", _("We know this town, but not in this country."))
            else:
                self.add_error(
                    "place",
                    _(
                        "We know no town of this name. Check the spelling, write the nearest "
                        "larger town, or choose only the country."
                    ),
                )

    def _was_offered(self, place: Place) -> bool:
        """Whether the place resembles the text: it was offered under "did you mean"."""
        return place in places_like(
            self.cleaned_data["place"], country=self.cleaned_data.get("country") or ""
        )

    def _offer(self, found: list[Place], problem: Any) -> None:
        labels = label_places(found)
        # Django keeps the field as it was when the form was cleaned.
        self._bound_fields_cache.pop("place_id", None)  # type: ignore[attr-defined]
        self.fields["place_id"] = forms.ChoiceField(
            label=_("Which place?"),
            required=True,
            choices=list(zip([str(place.pk) for place in found], labels, strict=True)),
            widget=forms.RadioSelect,
        )
        self.add_error("place_id", problem)

    @property
    def answer(self) -> StayAnswer:
        cleaned = self.cleaned_data
        return StayAnswer(
            kind=cleaned["kind"],
            starts_on=cleaned["starts_on"],
            ends_on=cleaned["ends_on"] or OPEN_END,
            exact_address=cleaned["exact_address"],
            key=self.key,
            **self.located,
        )
