"""Which countries an area lies in, and what its clocks say."""

from __future__ import annotations

from geography.areas import Area, places_touching
from geography.models import Place
from registrations.selection import countries_touching, is_whole_countries


def countries_of(area: Area) -> list[str]:
    """ISO codes, sorted; none for an area at sea."""
    if is_whole_countries(area):
        return sorted(area.country_codes)
    return sorted(countries_touching(area))


def time_zone_of(area: Area) -> str:
    """The time zone of the largest place in the area; UTC where nobody lives."""
    places = (
        Place.objects.filter(country__in=area.country_codes)
        if is_whole_countries(area)
        else Place.objects.filter(pk__in=places_touching(area))
    )
    largest = places.order_by("-population", "pk").values_list("time_zone", flat=True).first()
    return largest or "UTC"
