"""Two registrations of one person made one, and made two again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from privacy.fields import SealedMixin
from registrations.actions.keys import reindex_person
from registrations.contacts import point_index
from registrations.enums import REPORTED, ConsentPurpose
from registrations.models import (
    Companion,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Merge,
    Person,
    Stay,
    Verdict,
)
from registrations.people_standing import shells_of, standing

# What hangs on a person and goes over whole. Reports and consents stay with whom they were said
# of and by: nobody agreed to more because two registrations became one.
_MOVED: dict[str, type[Stay | FamilyContact | Companion]] = {
    "stays": Stay,
    "family_contacts": FamilyContact,
    "companions": Companion,
}
# What a person said of themselves fills what the other registration leaves open.
_FILLED = ("document_number", "birth_date", "reminders_stopped_at")


class MergeRefused(Exception):
    """The two were not merged, or not parted; the message is translated and may be shown."""


@transaction.atomic
def merge_people(*, kept_id: UUID, absorbed_id: UUID, by: User | Actor, note: str = "") -> Merge:
    """Move what hangs on one registration to the other of the same person.

    The absorbed one stays as a shell that holds its own words, consents and reports, so that
    undo_merge() puts everything back. Raises MergeRefused, or Person.DoesNotExist.
    """
    if kept_id == absorbed_id:
        raise MergeRefused(_("This is one registration, not two."))
    kept, absorbed = _locked(kept_id, absorbed_id)
    _check_mergeable(kept, absorbed)
    moved: dict[str, Any] = {}
    for name, model in _MOVED.items():
        rows = model.objects.select_for_update(of=("self",)).filter(person=absorbed)
        moved[name] = [_move(row, kept) for row in rows.order_by("pk")]
    moved |= _move_contact_points(kept, absorbed)
    if not FocalPoint.objects.filter(person=kept).exists():
        role = FocalPoint.objects.select_for_update(of=("self",)).filter(person=absorbed)
        moved["focal_points"] = [_move(row, kept) for row in role]
    moved["filled"] = _fill(kept, absorbed)
    moved["verdicts"] = _inherit_verdicts(kept, absorbed)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    reindex_person(person_id=kept.pk)
    merge = Merge.objects.create(kept=kept, absorbed=absorbed, moved=moved)
    _record("person.merge", merge, by, note)
    return merge


@transaction.atomic
def undo_merge(*, merge_id: UUID, by: User | Actor, note: str = "") -> Merge:
    """Give everything that is still there back to the registration it came from.

    What was erased since stays erased, what was changed goes back as it is now, and what was
    added since stays with the one kept. Raises MergeRefused, or Merge.DoesNotExist.
    """
    pair = Merge.objects.values_list("kept_id", "absorbed_id").get(pk=merge_id)
    # The people first, in the order in which merging locks them.
    kept, absorbed = _locked(*pair)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge_id)
    _check_undoable(merge, kept)
    moved = merge.moved
    for name, model in _MOVED.items():
        _give_back(model, moved.get(name, []), kept, absorbed)
    if moved.get("stays") and not absorbed.stays.exists():
        raise MergeRefused(
            _("The stays of the second registration have been erased since: nothing can go back.")
        )
    _give_back(FocalPoint, moved.get("focal_points", []), kept, absorbed)
    _give_back(ContactPoint, moved.get("contact_points", []), kept, absorbed)
    _take_back_contact_points(moved.get("set_aside", []), kept, absorbed)
    _empty(kept, absorbed, moved.get("filled", []))
    Verdict.objects.filter(pk__in=moved.get("verdicts", [])).delete()
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    reindex_person(person_id=kept.pk)
    reindex_person(person_id=absorbed.pk)
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    _record("person.unmerge", merge, by, note)
    return merge


@transaction.atomic
def part_merged(*, person_id: UUID, by: Actor) -> bool:
    """Undo the merges that hold a person together with others, the newest first.

    What was merged after that comes apart with it, and can be merged again. False where a merge
    cannot be undone: its two stay one.
    """
    while together := {standing(person_id), *shells_of(standing(person_id))} - {person_id}:
        merges = Merge.objects.filter(
            undone_at=None, absorbed__in={*together, person_id}, absorbed__merged_into__isnull=False
        )
        newest = merges.order_by("-merged_at", "-pk").first()
        if newest is None:
            return False
        try:
            undo_merge(merge_id=newest.pk, by=by)
        except MergeRefused:
            return False
    return True


def why_not_merge(kept: Person, absorbed: Person) -> str:
    """What merge_people() would answer to these two; empty where it would merge them."""
    try:
        _check_mergeable(kept, absorbed)
    except MergeRefused as refusal:
        return str(refusal)
    return ""


def _locked(first_id: UUID, second_id: UUID) -> tuple[Person, Person]:
    """Both people, locked in one order, so that two merges of them wait and never block."""
    people = {
        person.pk: person
        for person in Person.objects.select_for_update(of=("self",))
        .filter(pk__in=[first_id, second_id])
        .order_by("pk")
    }
    try:
        return people[first_id], people[second_id]
    except KeyError:
        raise Person.DoesNotExist from None


def _check_mergeable(kept: Person, absorbed: Person) -> None:
    if kept.merged_into_id or absorbed.merged_into_id:
        raise MergeRefused(_("One of the two has been merged already. Look at the list again."))
    if kept.source in REPORTED and absorbed.source not in REPORTED:
        raise MergeRefused(
            _(
                "One of the two was made by the person, the other is what someone else says of "
                "them. Keep the one that the person made."
            )
        )
    first, second = sorted([kept.pk, absorbed.pk])
    if Verdict.objects.filter(first=first, second=second).exists():
        raise MergeRefused(
            _("These were found to be two different people. Take that back first, if it is wrong.")
        )
    # Their last word counts, whichever of the two registrations heard it.
    given = dict(kept.consents.filter(withdrawn_at=None).values_list("purpose", "given_at"))
    standing = absorbed.consents.filter(withdrawn_at=None).values_list("purpose", flat=True)
    withdrawn = (
        absorbed.consents.exclude(purpose__in=standing)
        .filter(purpose__in=given)
        .values_list("purpose")
        .annotate(at=Max("withdrawn_at"))
    )
    for purpose, at in withdrawn:
        if at > given[purpose]:
            raise MergeRefused(
                _(
                    "The person has taken back “%(consent)s” in the registration that would "
                    "go, after they gave it in the one that would stay. Keep the other one."
                )
                % {"consent": ConsentPurpose(purpose).label}
            )


def _check_undoable(merge: Merge, kept: Person) -> None:
    if merge.undone_at:
        raise MergeRefused(_("This has been undone already."))
    if kept.merged_into_id:
        raise MergeRefused(
            _("The registration kept was merged into another since. Undo that first.")
        )
    later = Q(merged_at__gt=merge.merged_at) | Q(merged_at=merge.merged_at, pk__gt=merge.pk)
    if Merge.objects.filter(later, kept=kept, undone_at=None).exists():
        raise MergeRefused(_("Another was merged into the same one since. Undo that first."))


def _move(row: Any, owner: Person) -> str:
    """Give a row to another person: opened for the former, sealed again for the new one."""
    for field in row._meta.concrete_fields:
        if isinstance(field, SealedMixin):
            getattr(row, field.attname)
    row.person = owner
    row.save(force_update=True)
    return str(row.pk)


def _give_back(model: Any, keys: list[str], kept: Person, absorbed: Person) -> None:
    rows = model.objects.select_for_update(of=("self",)).filter(pk__in=keys, person=kept)
    for row in rows.order_by("pk"):
        _move(row, absorbed)


def _move_contact_points(kept: Person, absorbed: Person) -> dict[str, list[str]]:
    """Each address is written to once: of two alike the proved one is with the person kept."""
    points = ContactPoint.objects.select_for_update(of=("self",)).order_by("pk")
    theirs = {point_index(point): point for point in points.filter(person=kept)}
    moved, set_aside = [], []
    for point in points.filter(person=absorbed):
        same = theirs.get(point_index(point))
        if same is not None and not _is_better(point, same):
            continue
        if same is not None:
            set_aside.append(_move(same, absorbed))
        theirs[point_index(point)] = point
        moved.append(_move(point, kept))
    return {"contact_points": moved, "set_aside": set_aside}


def _is_better(point: ContactPoint, other: ContactPoint) -> bool:
    """Whether the first is proved and in use, and the other of the same address is not."""
    return _is_live(point) and not _is_live(other)


def _is_live(point: ContactPoint) -> bool:
    return point.verified_at is not None and point.replaced_at is None


def _take_back_contact_points(keys: list[str], kept: Person, absorbed: Person) -> None:
    points = ContactPoint.objects.select_for_update(of=("self",))
    present = {point_index(point) for point in points.filter(person=kept)}
    for point in points.filter(pk__in=keys, person=absorbed).order_by("pk"):
        if point_index(point) in present:
            # Given again since: two of one address would be written to twice.
            point.delete()
        else:
            _move(point, kept)


def _fill(kept: Person, absorbed: Person) -> list[str]:
    """Take over what the kept registration leaves open. Only a person's own word fills it."""
    if absorbed.source in REPORTED:
        return []
    filled = [
        name
        for name in _FILLED
        if getattr(kept, name) is None and getattr(absorbed, name) is not None
    ]
    for name in filled:
        setattr(kept, name, getattr(absorbed, name))
    if filled:
        kept.save(update_fields=filled)
    return filled


def _empty(kept: Person, absorbed: Person, filled: list[str]) -> None:
    """Leave open again what was filled, unless the person has written something else there."""
    emptied = [name for name in filled if getattr(kept, name) == getattr(absorbed, name)]
    for name in emptied:
        setattr(kept, name, None)
    if emptied:
        kept.save(update_fields=emptied)


def _inherit_verdicts(kept: Person, absorbed: Person) -> list[str]:
    """Whoever is not the absorbed one is not the kept one either."""
    others: set[UUID] = set()
    for one, other in Verdict.objects.filter(Q(first=absorbed) | Q(second=absorbed)).values_list(
        "first_id", "second_id"
    ):
        others |= {one, other}
    verdicts = []
    for other in sorted(others - {kept.pk, absorbed.pk}):
        first, second = sorted([kept.pk, other])
        verdict, is_new = Verdict.objects.get_or_create(first_id=first, second_id=second)
        if is_new:
            verdicts.append(str(verdict.pk))
    return verdicts


def _record(action: str, merge: Merge, by: User | Actor, note: str) -> None:
    details = {
        name: len(rows) for name, rows in merge.moved.items() if isinstance(rows, list) and rows
    }
    # A note is sealed for one person, so each has an entry of their own.
    for person_id in (merge.kept_id, merge.absorbed_id):
        record(
            action=action,
            by=by,
            purpose=Purpose.DATA_QUALITY,
            subjects=[person_id],
            object_type="registrations.merge",
            object_id=merge.pk,
            details=details,
            note=note,
        )
