"""All that is kept about a person, for that person to take along: for a program, or to read.

Rows are written out from the declarations beside the models, so that a new field is in it by
itself. The floors above add what they keep through a port.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from privacy.blind_index import BlindIndexField
from privacy.declarations import declarations
from registrations.access_log import access_log_data
from registrations.models import (
    Companion,
    Consent,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Person,
    Report,
    Stay,
)

FORMAT = "citizens-abroad.registration"
VERSION = 1

# What hangs on a person, by its name in the file.
TABLES: dict[str, type[models.Model]] = {
    "contact_points": ContactPoint,
    "stays": Stay,
    "companions": Companion,
    "family_contacts": FamilyContact,
    "consents": Consent,
    "focal_points": FocalPoint,
    "reports": Report,
}
# What hangs on a person and says nothing that is not in the file: keys made from it, and the
# marks of two registrations having been one.
LEFT_OUT = frozenset({"personkey", "verdict", "merge"})

# Asked with the ids of a person and of what was merged into them; answers with plain JSON rows.
Keeper = Callable[[list[UUID]], list[dict[str, Any]]]
_keepers: dict[str, tuple[Any, Keeper]] = {}


def bind_keeper(name: str, keeper: Keeper, *, title: Any) -> None:
    """`name` is the key under which the rows stand in the file, `title` their heading to read."""
    _keepers[name] = (title, keeper)


def kept_elsewhere(data: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What the floors above keep, of what `take_out` returned: a heading and rows each."""
    return [(str(title), data[name]) for name, (title, _) in sorted(_keepers.items()) if data[name]]


@transaction.atomic
def take_out(*, person_id: UUID, by: Actor, shape: str) -> dict[str, Any]:
    """Everything kept about a person as plain JSON. `shape` (a code) goes into the ledger.

    Raises Person.DoesNotExist.
    """
    person = Person.objects.select_related("group").get(pk=person_id)
    record(
        action="registration.download",
        by=by,
        purpose=Purpose.RIGHTS,
        subjects=[person_id],
        object_type="registrations.person",
        details={"shape": shape},
    )
    people = [person_id, *_merged_into(person_id)]
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": timezone.now().isoformat(),
        "reference": person.reference,
        "person": {**row_of(person), "group_name": person.group.name if person.group else None},
        # What was merged into it is a registration of its own until the merge is undone.
        "merged_registrations": [
            row_of(merged) for merged in Person.objects.filter(pk__in=people[1:]).order_by("pk")
        ],
        **{
            name: [
                row_of(row)
                for row in model._default_manager.filter(person__in=people).order_by("pk")
            ]
            for name, model in TABLES.items()
        },
        **{name: keeper(people) for name, (_title, keeper) in sorted(_keepers.items())},
        "access_log": access_log_data(person_id),
    }


def row_of(row: models.Model) -> dict[str, Any]:
    """The declared fields of a row by name, but for blind indexes, which say nothing."""
    return {field.name: _plain(getattr(row, field.attname)) for field in _fields_of(type(row))}


def _fields_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    declared = {declaration.name for declaration in declarations(model)}
    return [
        field
        for field in model._meta.concrete_fields
        if field.name in declared and not isinstance(field, BlindIndexField)
    ]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str | dict | list):
        return value
    if isinstance(value, int):
        # A cell is 64 bits wide, and some readers of JSON keep only 53.
        return str(value) if abs(value) >= 2**53 else value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _merged_into(person_id: UUID) -> list[UUID]:
    people: set[UUID] = set()
    found = {person_id}
    while found:
        rows = Person.objects.filter(merged_into__in=found).values_list("pk", flat=True)
        found = set(rows) - people
        people |= found
    return sorted(people)
