"""What a person has answered so far: value objects, and their form in a sealed draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from registrations.enums import CompanionConsent, ConsentPurpose, Precision, StayKind

OPEN_END = dt.date(9999, 12, 31)
STAY_LIMIT = 20
FAMILY_LIMIT = 3
COMPANION_LIMIT = 20


@dataclass(frozen=True, slots=True)
class ContactAnswer:
    """An address in its normal form; proved once a code came back."""

    channel: str
    address: str
    verified_at: dt.datetime | None = None
    works_abroad: bool = True


@dataclass(frozen=True, slots=True)
class StayAnswer:
    """Where and when. Precision PIN and PLACE have a cell, PLACE a place, the others neither."""

    kind: str
    precision: str
    starts_on: dt.date
    country: str = ""
    ends_on: dt.date = OPEN_END
    place_id: int | None = None
    cell: int | None = None
    admin1: str = ""
    time_zone: str = "UTC"
    exact_address: str = ""
    purpose: str = ""
    # The ship of a voyage, or the employer of who works there.
    aboard_or_with: str = ""
    # Only shown back to the person and never kept with the stay.
    key: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def __post_init__(self) -> None:
        StayKind(self.kind)
        located = Precision(self.precision) in {Precision.PIN, Precision.PLACE}
        if located != (self.cell is not None):
            raise ValueError("A stay has a cell when it is known by pin or place, else none.")
        if (self.precision == Precision.PLACE) != (self.place_id is not None):
            raise ValueError("A stay names a place when it is known by its place, else none.")
        if self.ends_on < self.starts_on:
            raise ValueError("A stay ends after it starts.")


@dataclass(frozen=True, slots=True)
class FamilyAnswer:
    """Whom to call at home. Without a language of their own they are written to in the person's."""

    name: str
    relationship: str = ""
    phone: str = ""
    mail: str = ""
    language: str = ""
    # Only to find it again in the draft.
    key: str = ""


@dataclass(frozen=True, slots=True)
class CompanionAnswer:
    """Who travels along. `consent` is a CompanionConsent; one who is invited has an address."""

    name: str
    is_minor: bool
    consent: str
    birth_date: dt.date | None = None
    mail: str = ""
    phone: str = ""
    # Only to find it again in the draft.
    key: str = ""

    def __post_init__(self) -> None:
        if self.is_minor != (CompanionConsent(self.consent) == CompanionConsent.GUARDIAN):
            raise ValueError("A guardian agrees for minors, and for nobody else.")
        if (self.consent == CompanionConsent.INVITED) != bool(self.mail or self.phone):
            raise ValueError("Who is invited has an address, and nobody else has one.")


@dataclass(frozen=True, slots=True)
class Answers:
    """A registration as far as it has come."""

    name: str = ""
    language: str = "en"
    contacts: tuple[ContactAnswer, ...] = ()
    stays: tuple[StayAnswer, ...] = ()
    family: tuple[FamilyAnswer, ...] = ()
    companions: tuple[CompanionAnswer, ...] = ()
    document_number: str = ""
    birth_date: dt.date | None = None
    needs: str = ""
    gender: str = ""
    home_region: str = ""
    # The country whose advice was read before: offered first where stays are asked for.
    country: str = ""
    # The group whose link was followed, and the report that is being answered.
    group_id: str = ""
    report_id: str = ""
    # Of someone who registers a group: what it is, and what it is called.
    group_kind: str = ""
    group_name: str = ""
    consents: frozenset[str] = frozenset()
    # The steps shown and sent, so that an optional one left empty counts as answered.
    steps: frozenset[str] = field(default_factory=frozenset)

    @property
    def proved(self) -> tuple[ContactAnswer, ...]:
        return tuple(contact for contact in self.contacts if contact.verified_at)

    def contact(self, channel: str) -> ContactAnswer | None:
        return next((item for item in self.contacts if item.channel == channel), None)

    def missing_step(self) -> str | None:
        """The first step that still needs an answer; None when it can be completed."""
        if not (self.name and self.contacts):
            return "who"
        if not self.proved:
            return "code"
        if not self.stays:
            return "where"
        if "people" not in self.steps and not self.family:
            return "people"
        if ConsentPurpose.CRISIS_CONTACT not in self.consents:
            return "consents"
        return None

    def without_unagreed(self) -> Self:
        """Drop what may be kept under a consent of its own that was not given."""
        kept = self
        if ConsentPurpose.NEEDS not in self.consents:
            kept = replace(kept, needs="")
        if ConsentPurpose.STATISTICS not in self.consents:
            kept = replace(kept, gender="", home_region="")
        return kept

    def with_contacts(self, given: Iterable[ContactAnswer]) -> Self:
        """Take the contacts given now; one whose address did not change stays proved."""
        known = {(item.channel, item.address): item for item in self.contacts}
        merged = tuple(
            replace(item, verified_at=old.verified_at)
            if (old := known.get((item.channel, item.address)))
            else item
            for item in given
        )
        return replace(self, contacts=merged)

    def to_json(self) -> dict[str, Any]:
        data = _flat(self)
        data["contacts"] = [_contact_to_json(_flat(item)) for item in self.contacts]
        data["stays"] = [stay_to_json(item) for item in self.stays]
        data["family"] = [_flat(item) for item in self.family]
        data["companions"] = [
            {**_flat(item), "birth_date": _day_to_json(item.birth_date)} for item in self.companions
        ]
        data["birth_date"] = _day_to_json(self.birth_date)
        data["consents"] = sorted(self.consents)
        data["steps"] = sorted(self.steps)
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in data.items() if name in known}
        return cls(
            **given
            | {
                "contacts": tuple(_contact_from_json(item) for item in data["contacts"]),
                "stays": tuple(stay_from_json(item) for item in data["stays"]),
                "family": tuple(FamilyAnswer(**item) for item in data["family"]),
                "companions": tuple(
                    CompanionAnswer(**item | {"birth_date": _day_from_json(item["birth_date"])})
                    for item in data["companions"]
                ),
                "birth_date": _day_from_json(data["birth_date"]),
                "consents": frozenset(data["consents"]),
                "steps": frozenset(data["steps"]),
            }
        )


def _flat(item: Any) -> dict[str, Any]:
    """Its fields as they are: asdict() copies every text and number of a draft one by one."""
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _day_to_json(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _day_from_json(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _contact_to_json(item: dict[str, Any]) -> dict[str, Any]:
    proved = item["verified_at"]
    return {**item, "verified_at": proved.isoformat() if proved else None}


def _contact_from_json(item: dict[str, Any]) -> ContactAnswer:
    proved = item["verified_at"]
    return ContactAnswer(
        **{**item, "verified_at": dt.datetime.fromisoformat(proved) if proved else None}
    )


def stay_to_json(stay: StayAnswer) -> dict[str, Any]:
    item = _flat(stay)
    # A cell is 64 bits wide, and some readers of JSON keep only 53.
    return {
        **item,
        "starts_on": item["starts_on"].isoformat(),
        "ends_on": item["ends_on"].isoformat(),
        "cell": None if item["cell"] is None else str(item["cell"]),
    }


def stay_from_json(item: dict[str, Any]) -> StayAnswer:
    return StayAnswer(
        **{
            **item,
            "starts_on": dt.date.fromisoformat(item["starts_on"]),
            "ends_on": dt.date.fromisoformat(item["ends_on"]),
            "cell": None if item["cell"] is None else int(item["cell"]),
        }
    )
