"""What a stay's place is called, in the active language."""

from __future__ import annotations

from geography.countries import country_name
from geography.labels import label_place
from registrations.models import Stay
from registrations.summary import pin_label, somewhere_label


def place_of(stay: Stay) -> str:
    """The town and its country, or what little is known. Never the exact address."""
    if stay.place:
        return label_place(stay.place)
    country = country_name(stay.country) if stay.country else ""
    return pin_label(country) if stay.cell else somewhere_label(country)
