"""Places, answers and people to test registrations with."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils import timezone

from audit.actors import Actor
from geography.cells import cell_of
from geography.folding import fold
from geography.models import Place, PlaceName
from registrations import actions
from registrations.answers import Answers, ContactAnswer, FamilyAnswer, StayAnswer
from registrations.models import Person

KATHMANDU = 1283240
_WORLD = (
    (KATHMANDU, "Kathmandu", "NP", "00", 27.70169, 85.3206, "Asia/Kathmandu", 1442271, "काठमाडौं"),
    (2988507, "Paris", "FR", "11", 48.85341, 2.3488, "Europe/Paris", 2138551, "巴黎"),
    (4717560, "Paris", "US", "TX", 33.66094, -95.55551, "America/Chicago", 24699, ""),
    (3871336, "Santiago", "CL", "12", -33.45694, -70.64827, "America/Santiago", 4837295, ""),
    (4035715, "Suva", "FJ", "01", -18.14161, 178.44149, "Pacific/Fiji", 77366, ""),
)


def make_places() -> dict[str, Place]:
    """A few real cities, found by the names they bear."""
    for pk, name, country, admin1, latitude, longitude, zone, population, other in _WORLD:
        place = Place.objects.create(
            pk=pk,
            name=name,
            country=country,
            admin1=admin1,
            latitude=latitude,
            longitude=longitude,
            time_zone=zone,
            population=population,
            cell=cell_of(latitude, longitude),
            radius_m=8000,
        )
        for folded in {fold(name), fold(other)} - {""}:
            PlaceName.objects.create(
                place=place, folded=folded, country=country, population=population
            )
    return {f"{place.name} {place.country}": place for place in Place.objects.order_by("pk")}


def today() -> dt.date:
    return timezone.now().date()


def pin_stay(latitude: float = 27.7, longitude: float = 85.3, **changes: Any) -> StayAnswer:
    given: dict[str, Any] = {
        "kind": "trip",
        "precision": "pin",
        "country": "NP",
        "cell": cell_of(latitude, longitude),
        "time_zone": "Asia/Kathmandu",
        "starts_on": today(),
        "ends_on": today() + dt.timedelta(days=7),
    }
    return StayAnswer(**(given | changes))


def country_stay(country: str = "NP", **changes: Any) -> StayAnswer:
    return replace(pin_stay(), precision="country", cell=None, country=country, **changes)


def place_stay(place: Place, **changes: Any) -> StayAnswer:
    return replace(
        pin_stay(),
        precision="place",
        place_id=place.pk,
        cell=place.cell,
        country=place.country,
        admin1=place.admin1,
        time_zone=place.time_zone,
        **changes,
    )


def make_answers(**changes: Any) -> Answers:
    given: dict[str, Any] = {
        "name": "Ana Pérez",
        "language": "es",
        "contacts": (ContactAnswer("mail", "ana@example.org", verified_at=timezone.now()),),
        "stays": (pin_stay(),),
        "family": (FamilyAnswer(name="Luz Pérez", phone="+34911234567"),),
        "consents": frozenset({"crisis_contact"}),
        "steps": frozenset({"people"}),
    }
    return Answers(**(given | changes))


def make_person(**changes: Any) -> Person:
    return actions.register(answers=make_answers(**changes), by=Actor.system("tests"))
