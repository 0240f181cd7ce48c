"""Making the keys of people again under the newest secret of the ring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BinaryField, Exists, OuterRef, QuerySet
from django.db.models.functions import Substr

from privacy.index_ring import MARK_BYTES, NAMELESS, index_ring, mark_of
from registrations.actions.keys import addresses_of, index_person, reindex_person
from registrations.models import ContactPoint, Merge, Person, PersonKey, Stay

_PAGE = 200


def people_to_rekey() -> int:
    """How many people have keys, and none under the newest secret."""
    return _waiting().count()


def rekey_people(progress: Callable[[int], None]) -> int:
    """Give each person keys under the newest secret, then drop those under older ones.

    Shells first, in the order in which they were merged: who was kept is found by their keys too.
    Until everybody has new keys, people are compared by the older ones. Returns how many people.
    """
    done = 0
    merged = _waiting().filter(merged_into__isnull=False)
    for person_id in list(
        Merge.objects.filter(undone_at=None, absorbed__in=merged.values("pk"))
        .order_by("merged_at", "pk")
        .values_list("absorbed_id", flat=True)
    ):
        _rekey_shell(person_id)
        progress(1)
        done += 1
    last: UUID | None = None
    while True:
        waiting = _waiting().order_by("pk")
        page = list(
            (waiting.filter(pk__gt=last) if last else waiting).values_list("pk", flat=True)[:_PAGE]
        )
        if not page:
            break
        for person_id in page:
            _rekey(person_id)
        progress(len(page))
        done += len(page)
        last = page[-1]
    if not people_to_rekey():
        _drop_old()
    return done


def _rekey(person_id: UUID) -> None:
    try:
        reindex_person(person_id=person_id)
    except Person.DoesNotExist:
        return  # Erased meanwhile.


@transaction.atomic
def _rekey_shell(person_id: UUID) -> None:
    """The keys of a shell are those of what hung on it before it was merged."""
    shell = Person.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    merge = Merge.objects.filter(absorbed_id=person_id, undone_at=None).first()
    if shell is None or merge is None:
        return
    points = ContactPoint.objects.filter(pk__in=merge.moved.get("contact_points", []))
    index_person(
        shell, Stay.objects.filter(pk__in=merge.moved.get("stays", [])), addresses_of(points)
    )
    PersonKey.objects.bulk_create(
        [
            PersonKey(person=shell, kind=key.kind, index=key.index)
            for key in PersonKey.objects.filter(person__merged_into=shell)
        ],
        ignore_conflicts=True,
    )


def _waiting() -> QuerySet[Person]:
    keys = PersonKey.objects.filter(person=OuterRef("pk"))
    return Person.objects.filter(Exists(_old(keys)) & ~Exists(_new(keys)))


def _marked(keys: QuerySet[PersonKey]) -> QuerySet[Any, Any]:
    return keys.annotate(_mark=Substr("index", 1, MARK_BYTES, output_field=BinaryField()))


def _new(keys: QuerySet[PersonKey]) -> QuerySet[PersonKey]:
    ring = index_ring()
    if ring.newest != NAMELESS:
        return _marked(keys).filter(_mark=mark_of(ring.newest))
    return _marked(keys).exclude(_mark__in=[mark_of(key) for key in ring.key_ids if key])


def _old(keys: QuerySet[PersonKey]) -> QuerySet[PersonKey]:
    ring = index_ring()
    if ring.newest != NAMELESS:
        return _marked(keys).exclude(_mark=mark_of(ring.newest))
    return _marked(keys).filter(_mark__in=[mark_of(key) for key in ring.key_ids if key])


def _drop_old() -> None:
    while True:
        page = list(_old(PersonKey.objects.order_by("pk")).values_list("pk", flat=True)[:5000])
        if not page:
            return
        PersonKey.objects.filter(pk__in=page).delete()
