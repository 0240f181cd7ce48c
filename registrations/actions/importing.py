"""All registrations arrive from another installation: checked whole, then taken in batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from audit.actors import Actor
from audit.ledger import record_bulk
from audit.purposes import Purpose
from geography.models import Place
from privacy.blind_index import DIGEST_BYTES, blind_indexes
from registrations.actions.consenting import RESTS_ON
from registrations.actions.exporting import INDEX_CHECK, Progress
from registrations.actions.keys import addresses_of, index_person, keys_of, reindex_person
from registrations.exporting.document import KINDS, DocumentReader, Item, Refused, Summary
from registrations.exporting.sealing import decrypt
from registrations.exporting.tables import (
    CHILDREN,
    GROUP,
    INVITATION,
    MERGE,
    PERSON,
    TIES,
    VERDICT,
)
from registrations.exporting.values import Unacceptable, from_json
from registrations.models import (
    Consent,
    ContactPoint,
    FamilyContact,
    Group,
    Invitation,
    Merge,
    Person,
    PersonKey,
    Stay,
    Verdict,
)

_AT_ONCE = 200


@dataclass(slots=True)
class Imported:
    """How many people came, how many were here already, and how many lines of the other kinds."""

    people: int = 0
    here_already: int = 0
    other: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))


def check_document(
    source: BinaryIO, *, identities: list[Any], on_header: Callable[[Item], None]
) -> Summary:
    """Read a document to its end and hold every row to the models' rules; write nothing.

    Returns what it holds. Raises exporting.document.Refused, which names a line and a column.
    """
    checker = _Checker()
    reader = DocumentReader(checker.take, on_header)
    decrypt(source, into=reader, identities=identities)
    summary = reader.complete()
    checker.finish()
    return summary


def import_registrations(
    source: BinaryIO,
    *,
    identities: list[Any],
    by: Actor,
    progress: Progress = lambda step: None,
) -> Imported:
    """Take a document that check_document() has passed, each person whole or not at all.

    Whoever is here already stays as they are, so that it can be started again after it was
    interrupted. `progress` is told how many people were read since the last time. Raises Refused.
    """
    loader = _Loader(by=by, progress=progress)
    reader = DocumentReader(loader.take, loader.start)
    decrypt(source, into=reader, identities=identities)
    reader.complete()
    loader.finish()
    return loader.imported


class _Checker:
    """Builds every row and throws it away; keeps only what must be looked up in the end."""

    def __init__(self) -> None:
        self.places: set[int] = set()
        self.groups: set[UUID] = set()
        self.last_person: UUID | None = None

    def take(self, kind: str, item: Item, number: int) -> None:
        try:
            self._check(kind, item)
        except Unacceptable as reason:
            raise Refused(f"Line {number} cannot be taken: {reason}.") from None

    def _check(self, kind: str, item: Item) -> None:
        if kind == "person":
            person, rows = build_person(item)
            if self.last_person is not None and person.pk <= self.last_person:
                raise Unacceptable("a person twice or out of order")
            self.last_person = person.pk
            for row in (person, *rows):
                place_id = getattr(row, "place_id", None)
                if place_id is not None:
                    self.places.add(place_id)
                group_id = getattr(row, "group_id", None)
                if group_id is not None and group_id not in self.groups:
                    raise Unacceptable("a group that the document does not hold")
        elif kind == "group":
            self.groups.add(from_json(GROUP, item.get("row")).pk)
        elif kind == "tie":
            _tie_of(item)
        elif kind == "invitation":
            _invitation_of(item)
        else:
            from_json({"merge": MERGE, "verdict": VERDICT}[kind], item.get("row"))

    def finish(self) -> None:
        known = set(Place.objects.filter(pk__in=self.places).values_list("pk", flat=True))
        missing = len(self.places - known)
        if missing:
            raise Refused(
                f"{missing} places of these stays are unknown here. Load the places first "
                "(manage.py load_places), in the edition of the portal that they come from."
            )


def build_person(item: Item, *, same_key: bool = False) -> tuple[Person, list[Any]]:
    """A person and all that hangs on them, unsaved. Raises Unacceptable."""
    unknown = set(item) - {"row", *CHILDREN}
    if unknown:
        raise Unacceptable("a table that this portal does not have")
    person: Person = from_json(PERSON, item.get("row"))
    rows: list[Any] = []
    for name, table in CHILDREN.items():
        children = item.get(name, [])
        if not isinstance(children, list):
            raise Unacceptable(name)
        for child in children:
            objected = child.pop("objected_index", None) if isinstance(child, dict) else None
            row = from_json(table, child, person_id=person.pk)
            if isinstance(row, FamilyContact) and objected is not None:
                row.address_index = _index_of(objected) if same_key else None
            rows.append(row)
    focal_points = item.get("focal_points", [])
    if len(focal_points) > 1:
        raise Unacceptable("focal_points")
    standing = [
        row.purpose for row in rows if isinstance(row, Consent) and row.withdrawn_at is None
    ]
    if len(standing) != len(set(standing)):
        raise Unacceptable("consents: one given twice")
    for purpose, names in RESTS_ON.items():
        if purpose not in standing:
            for name in names:
                setattr(person, name, None)
    return person, rows


def _index_of(text: Any) -> bytes:
    """A blind index that came along because the value under it is not kept."""
    try:
        index = bytes.fromhex(text)
    except (TypeError, ValueError):
        index = b""
    if len(index) != DIGEST_BYTES:
        raise Unacceptable("a blind index")
    return index


def _invitation_of(item: Item) -> Invitation:
    invitation: Invitation = from_json(INVITATION, item.get("row"))
    invitation.index = _index_of(item.get("index"))
    return invitation


def _tie_of(item: Item) -> tuple[type[Any], str, UUID, UUID]:
    try:
        model, column = TIES[item["tie"]]
        return model, column, UUID(item["row"]), UUID(item["person"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unacceptable("tie") from None


def _keys(person: Person, rows: list[Any]) -> list[PersonKey]:
    stays = [row for row in rows if isinstance(row, Stay)]
    addresses = addresses_of(
        row for row in rows if isinstance(row, ContactPoint) and row.replaced_at is None
    )
    return [
        PersonKey(person=person, kind=kind, index=index)
        for kind, index in keys_of(person, stays, addresses)
    ]


def _index_merged(merge: Merge) -> None:
    """The keys of a shell are those of what hung on it before."""
    moved = merge.moved
    points = ContactPoint.objects.filter(pk__in=moved.get("contact_points", []))
    index_person(
        Person.objects.get(pk=merge.absorbed_id),
        Stay.objects.filter(pk__in=moved.get("stays", [])),
        addresses_of(points),
    )
    reindex_person(person_id=merge.kept_id)


def _contradiction(number: int) -> Refused:
    """What to say in the place of the database's own text, which would show the row."""
    return Refused(
        f"What stands up to line {number} contradicts what is here already: a row of that "
        "identifier belongs to someone else, or names someone who is not here."
    )


class _Loader:
    """Writes what it is handed, in batches that each stand or fall together."""

    def __init__(self, *, by: Actor, progress: Progress) -> None:
        self.imported = Imported()
        self.import_id = uuid4()
        self._by, self._progress = by, progress
        self._people: list[tuple[Person, list[Any]]] = []
        self._same_key = False
        self._number = 0

    def start(self, header: Item) -> None:
        self._same_key = header.get("index_check") in {
            index.hex() for index in blind_indexes(*INDEX_CHECK)
        }

    def take(self, kind: str, item: Item, number: int) -> None:
        self._number = number
        try:
            if kind == "person":
                self._people.append(build_person(item, same_key=self._same_key))
                if len(self._people) >= _AT_ONCE:
                    self.flush()
                return
            # Everybody is there before the first line that names two.
            self.flush()
            getattr(self, f"_take_{kind}")(item)
        except Unacceptable as reason:
            raise Refused(f"Line {number} cannot be taken: {reason}.") from None
        except IntegrityError:
            raise _contradiction(number) from None

    def finish(self) -> None:
        """Save what is left. Raises Refused."""
        try:
            self.flush()
        except IntegrityError:
            raise _contradiction(self._number) from None

    def flush(self) -> None:
        if not self._people:
            return
        people, self._people = self._people, []
        with transaction.atomic():
            here = set(
                Person.objects.filter(pk__in=[person.pk for person, _rows in people]).values_list(
                    "pk", flat=True
                )
            )
            new = [(person, rows) for person, rows in people if person.pk not in here]
            self._save(new)
        self.imported.people += len(new)
        self.imported.here_already += len(here)
        self._progress(len(people))

    def _save(self, people: list[tuple[Person, list[Any]]]) -> None:
        if not people:
            return
        Person.objects.bulk_create(person for person, _rows in people)
        by_model: dict[type[Any], list[Any]] = {}
        for person, rows in people:
            for row in rows:
                by_model.setdefault(type(row), []).append(row)
            by_model.setdefault(PersonKey, []).extend(_keys(person, rows))
        for model, rows in by_model.items():
            model._default_manager.bulk_create(rows)
        record_bulk(
            action="registration.import",
            by=self._by,
            purpose=Purpose.MAINTENANCE,
            subject_query=Person.objects.filter(
                pk__in=[person.pk for person, _rows in people]
            ).values("pk"),
            object_type="registrations.import",
            object_id=self.import_id,
            details={"people": len(people)},
        )

    def _take_group(self, item: Item) -> None:
        group = from_json(GROUP, item.get("row"))
        if not Group.objects.filter(pk=group.pk).exists():
            group.save(force_insert=True)
            self.imported.other["group"] += 1

    def _take_tie(self, item: Item) -> None:
        model, column, row, person = _tie_of(item)
        # What has been said here since stands.
        self.imported.other["tie"] += model._default_manager.filter(
            pk=row, **{f"{column}__isnull": True}
        ).update(**{column: person})

    def _take_invitation(self, item: Item) -> None:
        invitation = _invitation_of(item)
        if not self._same_key or Invitation.objects.filter(index=invitation.index).exists():
            return
        points = ContactPoint.objects.filter(pk__in=[invitation.contact_point_id])
        invitation.contact_point_id = points.values_list("pk", flat=True).first()
        invitation.save(force_insert=True)
        self.imported.other["invitation"] += 1

    @transaction.atomic
    def _take_merge(self, item: Item) -> None:
        merge: Merge = from_json(MERGE, item.get("row"))
        if Merge.objects.filter(pk=merge.pk).exists():
            return
        merge.save(force_insert=True)
        if merge.undone_at is None:
            Person.objects.filter(pk=merge.absorbed_id, merged_into=None).update(
                merged_into=merge.kept_id
            )
            _index_merged(merge)
        self.imported.other["merge"] += 1

    def _take_verdict(self, item: Item) -> None:
        verdict: Verdict = from_json(VERDICT, item.get("row"))
        _verdict, is_new = Verdict.objects.get_or_create(
            first_id=verdict.first_id,
            second_id=verdict.second_id,
            defaults={"pk": verdict.pk, "decided_at": verdict.decided_at},
        )
        self.imported.other["verdict"] += is_new
