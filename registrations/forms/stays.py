"""Where and when: a town by name, a pin or coordinates, or only a country; and the days."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geography.forms import CountryChoices, CountrySelect, PlaceNameInput, PlaceSearchMixin
from registrations.answers import OPEN_END, StayAnswer
from registrations.days import check_period
from registrations.enums import StayKind, TravelPurpose
from registrations.forms.fields import CoordinateField, DayField, LineField
from registrations.locating import at_pin, at_place, in_country, in_region


class StayForm(PlaceSearchMixin, forms.Form):
    # Those of the closed part are called optional by its title.
    conditional = (
        *("ship", "place", "place_id", "around", "country", "starts_on", "ends_on"),
        *("exact_address", "purpose", "employer"),
    )
    kind = forms.ChoiceField(
        label=_("What brings you there?"),
        choices=StayKind.choices,
        initial=StayKind.TRIP,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    ship = LineField(
        label=_("Name of the ship"),
        required=False,
        help_text=_("Give each port as a stay of its own. The name of the ship is kept with it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    place = LineField(
        label=_("Town or city"),
        required=False,
        help_text=_("In any language. The nearest town will do. On a ship: the port."),
        widget=PlaceNameInput,
    )
    around = forms.BooleanField(
        label=_("I will be somewhere in the region around this town"),
        required=False,
        help_text=_("Tick this if you do not know the town yet, or move about."),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=CountryChoices(none=_("Choose a country")),
        widget=CountrySelect,
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
    starts_on = DayField(label=_("First day"), required=False)
    ends_on = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("If you live there, leave it empty when no end is planned."),
    )
    purpose = forms.ChoiceField(
        label=_("Why you go there"),
        required=False,
        choices=[("", _("Not given")), *TravelPurpose.choices],
    )
    employer = LineField(
        label=_("Employer, school or organisation there"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    unknown_place = _(
        "We know no town of this name. Check the spelling, write the nearest "
        "larger town, or choose only the country."
    )

    def __init__(self, *args: Any, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.located: dict[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") == StayKind.VOYAGE and not cleaned.get("ship", "x"):
            self.add_error("ship", _("Write the name of the ship."))
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
            place = self.found_place()
            locate = in_region if cleaned.get("around") else at_place
            self.located = locate(place) if place else {}
        elif cleaned.get("around"):
            self.add_error("place", _("Write a town of the region you mean."))
        elif cleaned.get("country"):
            self.located = in_country(cleaned["country"])
        else:
            self.add_error(
                "place", _("Write the town, or choose the country if you do not know it yet.")
            )

    @property
    def answer(self) -> StayAnswer:
        cleaned = self.cleaned_data
        is_voyage = cleaned["kind"] == StayKind.VOYAGE
        return StayAnswer(
            kind=cleaned["kind"],
            starts_on=cleaned["starts_on"],
            ends_on=cleaned["ends_on"] or OPEN_END,
            exact_address=cleaned["exact_address"],
            purpose=cleaned["purpose"],
            aboard_or_with=cleaned["ship" if is_voyage else "employer"],
            key=self.key,
            **self.located,
        )
