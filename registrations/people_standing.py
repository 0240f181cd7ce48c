"""Which registration an identifier stands for, once two were found to be one person's."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from registrations.models import Person, Report


def standing(person_id: UUID) -> UUID:
    """The registration that a merged one became; the identifier itself otherwise.

    One that is not there (erased, or never made) is returned as it is.
    """
    # One step is usual. The guard is for rows that were written by hand.
    seen: set[UUID] = set()
    current = person_id
    while current not in seen:
        seen.add(current)
        into = Person.objects.filter(pk=current).values_list("merged_into_id", flat=True).first()
        if into is None:
            return current
        current = into
    raise ValueError("These registrations were merged into one another in a circle.")


def shells_of(person_id: UUID) -> set[UUID]:
    """Everyone who was merged into a person, straight or by way of another."""
    shells: set[UUID] = set()
    found = {person_id}
    while found:
        found = set(Person.objects.filter(merged_into__in=found).values_list("pk", flat=True))
        found -= shells
        shells |= found
    return shells


def heads_of(people: Collection[UUID]) -> dict[UUID, UUID]:
    """Those people, and everyone who was merged into one of them, each with that one."""
    heads = dict(zip(people, people, strict=True))
    found = set(heads)
    while found:
        rows = Person.objects.filter(merged_into__in=found).exclude(pk__in=list(heads))
        found = set()
        for pk, into in rows.order_by("pk").values_list("pk", "merged_into_id"):
            if into is not None:
                heads[pk] = heads[into]
                found.add(pk)
    return heads


def provenance_of(person_id: UUID) -> list[Report]:
    """Every report about a person, oldest first, those of what was merged into it included.

    Each stays with the registration that it was first said of, and opens only there.
    """
    return list(
        Report.objects.filter(person__in={person_id, *shells_of(person_id)})
        .select_related("person", "group")
        .order_by("reported_at", "pk")
    )
