"""Where someone is in a crisis: a town of its countries, or somewhere in one of them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crises.models import Crisis
from geography.countries import country_choices, country_name
from geography.covers import places_touching
from geography.finding import find_places
from geography.forms import PlaceNameInput, PlaceSearchMixin
from geography.models import Place
from registrations.answers import StayAnswer
from registrations.enums import StayKind
from registrations.forms.fields import LineField
from registrations.locating import at_place, in_country

# How long we believe it; whoever stays longer is asked, or registers in full.
STAY_FOR = dt.timedelta(days=30)


class WhereForm(PlaceSearchMixin, forms.Form):
    """Never refuses someone because of a town: what we do not know is kept as it was typed."""

    # Needed in some cases only, so that nothing calls them optional.
    conditional: tuple[str, ...] = ("country", "place_id")

    country = forms.ChoiceField(
        label=_("Country"), error_messages={"required": _("Choose the country.")}
    )
    place = LineField(label=_("Town or city"), required=False, widget=PlaceNameInput)
    # The name for which towns were offered; sent again without a choice, it is taken as it is.
    offered_for = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, crisis: Crisis, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.crisis = crisis
        self.located: dict[str, Any] = {}
        self.unknown_town = ""
        country = self.fields["country"]
        codes = crisis.countries
        if len(codes) == 1:
            country.initial = codes[0]
            country.widget = forms.HiddenInput()
            country.choices = [(codes[0], country_name(codes[0]))]  # type: ignore[attr-defined]
        elif codes:
            self.fields["country"] = forms.ChoiceField(
                label=country.label,
                choices=[(code, country_name(code)) for code in codes],
                widget=forms.RadioSelect,
                error_messages=country.error_messages,
            )
        else:  # A crisis at sea: people are taken to whichever country is near.
            country.choices = [  # type: ignore[attr-defined]
                ("", _("Choose a country")),
                *country_choices(),
            ]

    def locate(self) -> None:
        """Find the town, or take the country. To be asked in clean()."""
        country = self.cleaned_data.get("country")
        if not country or self.errors.keys() & {"country", "place"}:
            return
        self.located = in_country(country)
        typed = self.cleaned_data.get("place") or ""
        if not typed:
            return
        place = self._in_the_area(typed, country) or self.found_place()
        if place is not None:
            self.located = at_place(place)
            return
        self.unknown_town = typed
        self.errors.pop("place", None)
        self.errors.pop("country", None)
        self.cleaned_data |= {"place": typed, "country": country}
        if "place_id" in self.errors and self.cleaned_data.get("offered_for") == typed:
            del self.errors["place_id"]

    def _in_the_area(self, name: str, country: str) -> Place | None:
        """The one town of this name that the crisis touches: that one is meant, ask nobody."""
        if self.cleaned_data.get("place_id"):
            return None
        area = self.crisis.areas.order_by("-created_at", "pk").first()
        found = find_places(name, country=country)
        if area is None or len(found) < 2:
            return None
        touching = set(places_touching(area.area))
        there = [place for place in found if place.pk in touching]
        return there[0] if len(there) == 1 else None

    @property
    def offered_name(self) -> str:
        """What towns are offered for on this page, to be sent back with the form."""
        return self.unknown_town if self.offers_places else ""

    def stay(self, starts_on: dt.date | None = None) -> StayAnswer:
        """From that day (today there, by default) until 30 days from today."""
        today = _today(self.located["time_zone"])
        return StayAnswer(
            kind=StayKind.TRIP,
            starts_on=starts_on or today,
            ends_on=today + STAY_FOR,
            exact_address=self.unknown_town,
            **self.located,
        )


def _today(time_zone: str) -> dt.date:
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return timezone.now().astimezone(zone).date()
