"""What a person has answered so far: value objects, and their form in a sealed draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from registrations.enums import ConsentPurpose, Precision, StayKind

OPEN_END = dt.date(9999, 12, 31)
STAY_LIMIT = 20


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
    name: str
    relationship: str = ""
    phone: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """A registration as far as it has come."""

    name: str = ""
    language: str = "en"
    contacts: tuple[ContactAnswer, ...] = ()
    stays: tuple[StayAnswer, ...] = ()
    family: FamilyAnswer | None = None
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
        if "family" not in self.steps and self.family is None:
            return "family"
        if ConsentPurpose.CRISIS_CONTACT not in self.consents:
            return "consents"
        return None

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
        data = asdict(self)
        data["contacts"] = [_contact_to_json(item) for item in data["contacts"]]
        data["stays"] = [_stay_to_json(item) for item in data["stays"]]
        data["consents"] = sorted(self.consents)
        data["steps"] = sorted(self.steps)
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            name=data["name"],
            language=data["language"],
            contacts=tuple(_contact_from_json(item) for item in data["contacts"]),
            stays=tuple(_stay_from_json(item) for item in data["stays"]),
            family=FamilyAnswer(**data["family"]) if data["family"] else None,
            consents=frozenset(data["consents"]),
            steps=frozenset(data["steps"]),
        )


def _contact_to_json(item: dict[str, Any]) -> dict[str, Any]:
    proved = item["verified_at"]
    return {**item, "verified_at": proved.isoformat() if proved else None}


def _contact_from_json(item: dict[str, Any]) -> ContactAnswer:
    proved = item["verified_at"]
    return ContactAnswer(
        **{**item, "verified_at": dt.datetime.fromisoformat(proved) if proved else None}
    )


def _stay_to_json(item: dict[str, Any]) -> dict[str, Any]:
    # A cell is 64 bits wide, and some readers of JSON keep only 53.
    return {
        **item,
        "starts_on": item["starts_on"].isoformat(),
        "ends_on": item["ends_on"].isoformat(),
        "cell": None if item["cell"] is None else str(item["cell"]),
    }


def _stay_from_json(item: dict[str, Any]) -> StayAnswer:
    return StayAnswer(
        **{
            **item,
            "starts_on": dt.date.fromisoformat(item["starts_on"]),
            "ends_on": dt.date.fromisoformat(item["ends_on"]),
            "cell": None if item["cell"] is None else int(item["cell"]),
        }
    )
