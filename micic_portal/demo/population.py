"""Synthetic citizens on real cities: invented names, reserved addresses, plausible journeys."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

import phonenumbers

from geography.areas import Area, places_touching
from geography.models import Place

NAMES: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "es": (
        ("Lucía", "Mateo", "Valentina", "Santiago", "Camila", "Diego", "Elena", "Tomás", "Inés"),
        ("García", "Muñoz", "Rojas", "Fuentes", "Peña", "Castillo", "Núñez", "Ibáñez", "Vidal"),
    ),
    "en": (
        ("Alice", "Noah", "Grace", "Owen", "Ruby", "Callum", "Edith", "Femi", "Priya"),
        ("Baker", "Okafor", "Walsh", "Turner", "Singh", "Marsh", "Reid", "Holt", "Fraser"),
    ),
    "fr": (
        ("Chloé", "Hugo", "Manon", "Lucas", "Zoé", "Gaspard", "Aïcha", "Élodie", "Théo"),
        ("Moreau", "Lefèvre", "Diallo", "Girard", "Benoît", "Roche", "Caron", "Perrin", "Traoré"),
    ),
    "ar": (
        ("ليلى", "يوسف", "مريم", "كريم", "نور", "سامي", "هدى", "طارق", "سلمى"),
        ("حداد", "منصور", "الخطيب", "نصار", "الشامي", "عباس", "زيدان", "فارس", "صالح"),
    ),
}
LANGUAGE_WEIGHTS = {"es": 45, "en": 25, "fr": 15, "ar": 15}
# Numbers set aside for fiction: 555-0100 to 555-0199 in every North American area code whose
# numbers may be mobile ones, which the form insists on.
_MAY_BE_MOBILE = {
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.MOBILE,
}
AREA_CODES = tuple(
    code
    for code in range(201, 990)
    if phonenumbers.number_type(phonenumbers.parse(f"+1{code}5550123")) in _MAY_BE_MOBILE
)


@dataclass(frozen=True, slots=True)
class SyntheticStay:
    place: Place
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SyntheticCitizen:
    """One invented citizen: at least one of mail and phone, one or two stays."""

    name: str
    language: str
    mail: str | None
    phone: str | None
    stays: tuple[SyntheticStay, ...]
    family_name: str | None
    family_phone: str | None
    gives_advice_consent: bool


def citizens(
    count: int, *, today: date, seed: int = 7, inside: Area | None = None, share_inside: float = 0.0
) -> Iterator[SyntheticCitizen]:
    """Yield `count` citizens, the same ones for the same seed, in cities weighted by population.

    With `inside`, that share of them has its first stay in a place whose disc touches the area.
    """
    chance = random.Random(seed)  # noqa: S311  # invented people, not secrets
    everywhere = _weighted(list(Place.objects.filter(population__gte=5000)))
    affected = (
        _weighted(list(Place.objects.filter(pk__in=places_touching(inside)))) if inside else None
    )
    if affected is not None and not affected[0]:
        affected = None
    for number in range(count):
        source = affected if affected and chance.random() < share_inside else everywhere
        yield _citizen(number, chance, source, everywhere, today)


def _weighted(places: list[Place]) -> tuple[list[Place], list[float]]:
    """Places with their cumulative weights: population, damped so that villages appear too."""
    places.sort(key=lambda place: place.pk)
    return places, list(accumulate(max(place.population, 100) ** 0.8 for place in places))


def _citizen(
    number: int,
    chance: random.Random,
    first: tuple[list[Place], list[float]],
    onward: tuple[list[Place], list[float]],
    today: date,
) -> SyntheticCitizen:
    language = chance.choices(list(LANGUAGE_WEIGHTS), list(LANGUAGE_WEIGHTS.values()))[0]
    given, family = NAMES[language]
    surname = chance.choice(family)
    reach = chance.random()
    return SyntheticCitizen(
        # Two of each, so that as few people share a name as in a real register.
        name=f"{chance.choice(given)} {chance.choice(given)} {surname} {chance.choice(family)}",
        language=language,
        mail=f"citizen{number}@travellers.example" if reach < 0.75 else None,
        phone=phone_for_fiction(number) if reach > 0.45 else None,
        stays=_stays(chance, first, onward, today),
        family_name=f"{chance.choice(given)} {surname}" if chance.random() < 0.6 else None,
        family_phone=phone_for_fiction(number + 20_011),
        gives_advice_consent=chance.random() < 0.4,
    )


def phone_for_fiction(number: int) -> str:
    """The number-th telephone number (E.164) that is set aside for fiction."""
    area_code = AREA_CODES[number % len(AREA_CODES)]
    return f"+1{area_code}5550{100 + (number // len(AREA_CODES)) % 100}"


def _stays(
    chance: random.Random,
    first: tuple[list[Place], list[float]],
    onward: tuple[list[Place], list[float]],
    today: date,
) -> tuple[SyntheticStay, ...]:
    place = chance.choices(first[0], cum_weights=first[1])[0]
    if chance.random() < 0.3:
        start = today - timedelta(days=chance.randint(30, 900))
        return (SyntheticStay(place, start, None),)
    start = today - timedelta(days=chance.randint(0, 10))
    end = today + timedelta(days=chance.randint(4, 20))
    stay = SyntheticStay(place, start, end)
    if chance.random() < 0.25:
        next_place = chance.choices(onward[0], cum_weights=onward[1])[0]
        return (stay, SyntheticStay(next_place, end, end + timedelta(days=chance.randint(2, 12))))
    return (stay,)
