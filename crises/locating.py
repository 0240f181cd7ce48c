"""Which countries an area lies in, and what its clocks say."""

from __future__ import annotations

from geography.areas import Area
from geography.covers import countries_touching, places_touching
from geography.models import Place


def countries_of(area: Area) -> list[str]:
    """ISO codes, sorted; none for an area at sea."""
    return list(countries_touching(area))


def time_zone_of(area: Area) -> str:
    """The time zone of the largest place in the area; UTC where nobody lives."""
    places = Place.objects.filter(pk__in=places_touching(area))
    largest = places.order_by("-population", "pk").values_list("time_zone", flat=True).first()
    return largest or "UTC"
