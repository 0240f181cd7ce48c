"""Erasing a person, on every floor and in one transaction, and saying what stays and why."""

from __future__ import annotations

from collections import Counter
from functools import partial
from uuid import UUID

from django.db import transaction

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import forget, record
from audit.purposes import Purpose
from notifications.enums import Channel
from privacy.sealing import CannotOpen
from registrations.contacts import index_of, value_of
from registrations.erasing import Erasure, Kept, LastWords, Order, Traces, erasers, traces_of
from registrations.limits import forget_turns
from registrations.models import Challenge, Draft, Invitation, Person, Report
from registrations.people_standing import shells_of, standing
from registrations.sessions import end_visits


def erase_person(
    *,
    person_id: UUID,
    by: Actor,
    purpose: Purpose = Purpose.RIGHTS,
    successor: UUID | None = None,
) -> bool:
    """Erase a person and all that hangs on them. The ledger keeps what was done, about nobody.

    `purpose` says whether the person asked for it, or their time was over; `successor` is the
    registration that takes over what was answered. What was merged into them goes as well,
    whichever of its identifiers was given. False when there is nobody.
    """
    order = Order(on_request=purpose == Purpose.RIGHTS, successor=successor)
    return _erase(person_id, by, purpose, order) is not None


def erase_on_request(
    *, person_id: UUID, by: Actor, last_words: LastWords | None = None
) -> Erasure | None:
    """Erase a person who asks for it, and return what went and what stays; None for nobody.

    `last_words` are what is to stand with an open request for help; without them it keeps what
    was written of where they are.
    """
    order = Order(on_request=True, last_words=last_words)
    return _erase(person_id, by, Purpose.RIGHTS, order)


def would_keep(person_id: UUID) -> list[Kept]:
    """What would stay if this person asked to be erased now."""
    people = _with_shells(standing(person_id))
    return [kept for eraser in erasers() for kept in eraser.would_keep(people)]


@transaction.atomic
def _erase(person_id: UUID, by: Actor, purpose: Purpose, order: Order) -> Erasure | None:
    people = _locked(person_id)
    if not people:
        return None
    traces = traces_of(people)
    erased: Counter[str] = Counter()
    kept: list[Kept] = []
    for eraser in erasers():
        done = eraser.erase(traces, order)
        erased.update(done.erased)
        kept += done.kept
    if order.on_request:
        erased.update(_erase_around(traces))
    details: dict[str, object] = {"rows": {name: erased[name] for name in sorted(erased)}}
    if kept:
        details["kept"] = dict(Counter(item.reason for item in kept))
    record(
        action="registration.erase",
        by=by,
        purpose=purpose,
        subjects=people,
        object_type="registrations.person",
        details=details,
    )
    _deleted, each = Person.objects.filter(pk__in=people).delete()
    erased.update({label.split(".")[-1].lower(): number for label, number in each.items()})
    for identifier in sorted(people):
        forget(identifier)
        journal("person.erased", person_id=identifier, code=Purpose(purpose).value)
        # Only once it is sure: nothing brings a counter back.
        transaction.on_commit(partial(forget_turns, "strangers", str(identifier)))
    return Erasure(erased, kept)


def _erase_around(traces: Traces) -> Counter[str]:
    """What stands beside a registration and would go by itself within days: visits, drafts and
    codes of the same addresses, invitations, and the person's name on what they told of others."""
    drafts = frozenset(
        Challenge.objects.filter(address_index__in=traces.addresses).values_list(
            "draft_id", flat=True
        )
    )
    Challenge.objects.filter(draft_id__in=drafts).delete()
    Draft.objects.filter(pk__in=drafts).delete()
    # A refusal is the person's own wish, and its index alone stays: see Invitation.
    invitations, _each = Invitation.objects.filter(
        contact_point_id__in=traces.rows, refused_at__isnull=True
    ).delete()
    return Counter(
        drafts=len(drafts),
        invitations=invitations,
        reporters=_forget_reporter(traces),
        visits=end_visits(traces.people | drafts),
    )


def _forget_reporter(traces: Traces) -> int:
    """What a relative told of others stays, without who told it: it is about those others."""
    told = 0
    reports = Report.objects.filter(reporter__isnull=False).exclude(person__in=traces.people)
    for report in reports.only("reporter", "person_id").order_by("pk").iterator():
        if _addresses_of(report) & traces.addresses:
            Report.objects.filter(pk=report.pk).update(reporter=None)
            told += 1
    return told


def _addresses_of(report: Report) -> set[bytes]:
    """The blind indexes of what a reporter left to be reached at: "+34..., name@example.org"."""
    try:
        contact = str((report.reporter or {}).get("contact") or "")
    except CannotOpen:  # Its key was lost: nobody reads it, and nothing may hold the erasure up.
        return set()
    found = [one.strip() for one in contact.split(",") if one.strip()]
    return {index_of(value_of(Channel.MAIL if "@" in one else Channel.SMS, one)) for one in found}


def _locked(person_id: UUID) -> frozenset[UUID]:
    """Who is erased with this person, all locked; nobody where there is none.

    In one order, as merging locks them, and looked up again under the lock: somebody may have been
    merged into them, or they into somebody, meanwhile.
    """
    locked: frozenset[UUID] = frozenset()
    while (people := _with_shells(standing(person_id))) != locked:
        rows = Person.objects.select_for_update(of=("self",)).filter(pk__in=people)
        locked = frozenset(rows.order_by("pk").values_list("pk", flat=True))
        if not locked:
            break
    return locked


def _with_shells(person_id: UUID) -> frozenset[UUID]:
    return frozenset({person_id, *shells_of(person_id)})
