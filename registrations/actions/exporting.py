"""All registrations leave for another installation, in one encrypted document."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from django.db import connection, models, transaction
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record_bulk
from audit.purposes import Purpose
from privacy.blind_index import blind_index
from registrations.exporting.document import KINDS, Summary, write_lines
from registrations.exporting.sealing import encrypt, recipients_from
from registrations.exporting.tables import (
    CHILDREN,
    GROUP,
    INVITATION,
    MERGE,
    PERSON,
    TIES,
    VERDICT,
    VERSION,
    Table,
)
from registrations.exporting.values import to_json
from registrations.models import FamilyContact, Invitation, Person

_AT_ONCE = 500
# Two portals with the same BLIND_INDEX_KEY know each other by this.
INDEX_CHECK = ("registrations.export", "same key")

Progress = Callable[[int], None]


def count_registrations() -> int:
    return Person.objects.count()


def export_registrations(
    *, to: BinaryIO, recipients: Sequence[str], by: Actor, progress: Progress = lambda step: None
) -> Summary:
    """Write everything, as it stood at one moment, encrypted to every recipient (age1...).

    `progress` is told how many people were written since the last time. The ledger entry stands
    once the document is whole: whoever writes it elsewhere meanwhile throws it away on an error.
    Must not run inside a transaction. Raises exporting.document.Refused.
    """
    keys = recipients_from(recipients)
    if not keys:
        raise ValueError("An export is encrypted to somebody.")
    summary = Summary()
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            # Everything from one snapshot, however long the writing takes.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        header = {
            "created_at": timezone.now().isoformat(),
            "people": count_registrations(),
            "index_check": blind_index(*INDEX_CHECK).hex(),
        }
        lines = write_lines(header, _items(progress), summary)
        encrypt(lines, to=to, recipients=keys)
        record_bulk(
            action="registration.export",
            by=by,
            purpose=Purpose.MAINTENANCE,
            subject_query=Person.objects.values("pk"),
            object_type="registrations.export",
            details={
                "version": VERSION,
                "recipients": len(keys),
                "sha256": summary.digest,
                **summary.counts,
            },
        )
    return summary


def _items(progress: Progress) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line's kind and content, in the order of KINDS."""
    parts: dict[str, Iterator[dict[str, Any]]] = {
        "group": _rows(GROUP),
        "person": _people(progress),
        "tie": _ties(),
        "invitation": _invitations(),
        # In the order in which they were made, so that chains of them can be made again.
        "merge": _rows(MERGE, "merged_at"),
        "verdict": _rows(VERDICT),
    }
    for kind in KINDS:
        for item in parts[kind]:
            yield kind, item


def _rows(table: Table, *order: str) -> Iterator[dict[str, Any]]:
    for row in _each(table.model._default_manager.order_by(*order, "pk")):
        yield {"row": to_json(table, row)}


def _people(progress: Progress) -> Iterator[dict[str, Any]]:
    for people in _batches(_each(Person.objects.order_by("pk"))):
        owners = [person.pk for person in people]
        held: dict[str, dict[Any, list[dict[str, Any]]]] = {}
        for name, table in CHILDREN.items():
            by_owner = held.setdefault(name, {})
            rows: Any = table.model._default_manager.filter(person__in=owners).order_by("pk")
            for row in rows:
                by_owner.setdefault(row.person_id, []).append(_child(table, row))
        for person in people:
            yield {
                "row": to_json(PERSON, person),
                **{name: held[name].get(person.pk, []) for name in CHILDREN},
            }
        progress(len(people))


def _child(table: Table, row: Any) -> dict[str, Any]:
    item = to_json(table, row)
    if isinstance(row, FamilyContact) and row.objected_at and row.address_index:
        # All that is left of who did not want to be listed; worth something under the same key.
        item["objected_index"] = bytes(row.address_index).hex()
    return item


def _invitations() -> Iterator[dict[str, Any]]:
    for row in _each(Invitation.objects.order_by("pk")):
        yield {"row": to_json(INVITATION, row), "index": bytes(row.index).hex()}


def _ties() -> Iterator[dict[str, Any]]:
    for name, (model, column) in TIES.items():
        rows = model._default_manager.filter(**{f"{column}__isnull": False}).order_by("pk")
        for pk, person_id in rows.values_list("pk", column).iterator(chunk_size=_AT_ONCE):
            yield {"tie": name, "row": str(pk), "person": str(person_id)}


def _each(rows: models.QuerySet[Any]) -> Iterator[Any]:
    return rows.iterator(chunk_size=_AT_ONCE)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(itertools.islice(rows, _AT_ONCE)):
        yield batch
