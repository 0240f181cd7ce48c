"""What a place is called on a page: its name and country, and what tells it from its namesakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from geography.countries import country_name
from geography.models import Place


def label_place(place: Place) -> str:
    """Name and country in the active language."""
    return f"{place.name}, {country_name(place.country)}"


def label_places(places: Sequence[Place]) -> list[str]:
    """Labels of places shown together; namesakes in one country also show their region's code."""
    plain = [label_place(place) for place in places]
    seen = Counter(plain)
    return [
        f"{place.name} ({place.admin1}), {country_name(place.country)}"
        if seen[label] > 1 and place.admin1
        else label
        for place, label in zip(places, plain, strict=True)
    ]
