"""Opens the recipients of a crisis's notices for the dispatch engine, or says why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from crises.audience import warned_before
from crises.enums import SETTLED, UNDER_WAY, Choice, NoticeKind, NoticeState
from crises.models import Answer, Notice, Stopped
from crises.texts import WHY, why_written_to
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations.models import ContactPoint, FocalPoint, Person
from registrations.people_standing import standing
from registrations.sources import open_contacts, open_unproved

_MAY_BE_SENT = UNDER_WAY | {NoticeState.SENT}


class CrisisSource:
    """Asked before each batch, so that an answer, a withdrawal or a closing counts at once."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        notices = {
            notice.message_id: notice
            for notice in Notice.objects.filter(
                message_id__in={row.message_id for row in deliveries}
            ).select_related("crisis")
        }
        people = _standing(deliveries)
        said = _Said.about(people, notices)
        reasons: dict[UUID, list[str]] = defaultdict(list)
        for row in deliveries:
            notice = notices.get(row.message_id)
            person = people.get(row.subject_id) if row.subject_id else None
            reasons[row.recipient_id].append(_why_not(person, notice, said))
        answer: dict[UUID, Opened | Withheld] = {}
        wanted: list[UUID] = []
        for recipient_id in recipient_ids:
            found = reasons.get(recipient_id, ["unknown"])
            if "not_approved" in found:
                answer[recipient_id] = Withheld("not_approved")
            elif all(found):
                answer[recipient_id] = Withheld(found[0])
            else:
                # Written to for one crisis at least: better one notice too many than one missing.
                wanted.append(recipient_id)
        opened = open_contacts(wanted, purpose)
        vital = [row for row in deliveries if _is_vital(notices.get(row.message_id))]
        if vital:
            opened |= _open_vital(vital, notices, opened)
        return {**answer, **opened}


def _is_vital(notice: Notice | None) -> bool:
    return (
        notice is not None
        and notice.vital_interest
        and notice.may_warn_reported
        and notice.approval_stands
    )


def _open_vital(
    rows: Sequence[Delivery],
    notices: dict[UUID | None, Notice],
    found: dict[UUID, Opened | Withheld],
) -> dict[UUID, Opened | Withheld]:
    """What becomes of the recipients of notices that go on vital interest as well.

    Those opened already read nothing of it. Of the others, those are opened who may be warned and
    were not before in this crisis; they read why.
    """
    answer: dict[UUID, Opened | Withheld] = {}
    closed: list[Delivery] = []
    for row in rows:
        seen = found.get(row.recipient_id)
        if isinstance(seen, Opened):
            answer[row.recipient_id] = replace(seen, values={**seen.values, WHY: ""})
        elif seen is not None and seen.reason in {"unproved", "no_consent"}:
            closed.append(row)
    opened = open_unproved([row.recipient_id for row in closed])
    warned = _warned(closed, notices)
    for row in closed:
        one = opened.get(row.recipient_id)
        if row.pk in warned:
            answer[row.recipient_id] = Withheld("warned_before")
        elif one is not None:
            why = why_written_to(one.language, row.channel)
            answer[row.recipient_id] = replace(one, values={WHY: why})
    return answer


def _warned(rows: Sequence[Delivery], notices: dict[UUID | None, Notice]) -> set[UUID]:
    """Those whose address an earlier notice of the crisis went to, and nobody answered."""
    found: set[UUID] = set()
    by_message: dict[UUID, list[Delivery]] = defaultdict(list)
    for row in rows:
        by_message[row.message_id].append(row)
    for message_id, group in by_message.items():
        notice = notices[message_id]
        earlier = set(
            ContactPoint.objects.filter(
                warned_before(notice.crisis_id, notice.frozen_at),
                pk__in=[row.recipient_id for row in group],
            ).values_list("pk", flat=True)
        )
        answered = set(
            Answer.objects.filter(
                crisis=notice.crisis_id, person_id__in=[row.subject_id for row in group]
            ).values_list("person_id", flat=True)
        )
        found |= {
            row.pk
            for row in group
            if row.recipient_id in earlier and row.subject_id not in answered
        }
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    """What people have told us: their newest answers, and who wants no more, by crisis."""

    answers: dict[tuple[UUID, UUID], str]
    stopped: set[tuple[UUID, UUID]]
    # Who still agrees to pass word on; asked only where a notice wants it.
    relaying: set[UUID]

    @classmethod
    def about(cls, people: dict[UUID, UUID], notices: dict[UUID | None, Notice]) -> _Said:
        """`people` leads each identifier to the registration that stands for it."""
        asked = {
            "crisis_id__in": {notice.crisis_id for notice in notices.values()},
            "person_id__in": people.keys(),
        }
        answers = Answer.objects.current().filter(**asked).order_by("answered_at", "pk")
        stopped = Stopped.objects.filter(**asked).order_by("pk")
        relays = any(notice.kind == NoticeKind.RELAY for notice in notices.values())
        relaying = FocalPoint.objects.filter(person__in=set(people.values()))
        return cls(
            # Two that were found to be one may each have answered: the later word counts.
            answers={
                (crisis, people[person]): choice
                for crisis, person, choice in answers.values_list(
                    "crisis_id", "person_id", "choice"
                )
            },
            stopped={
                (crisis, people[person])
                for crisis, person in stopped.values_list("crisis_id", "person_id")
            },
            relaying=set(relaying.values_list("person_id", flat=True)) if relays else set(),
        )


def _why_not(person: UUID | None, notice: Notice | None, said: _Said) -> str:
    if notice is None or notice.state not in _MAY_BE_SENT or not notice.approval_stands:
        return "not_approved"
    if not notice.crisis.is_open:
        return "crisis_closed"
    if person is None:
        return ""
    key = (notice.crisis_id, person)
    if key in said.stopped:
        return "stopped"
    choice = said.answers.get(key)
    if notice.kind == NoticeKind.RELAY and person not in said.relaying:
        return "no_consent"
    # A focal point who is safe can still pass word on; one who has left cannot.
    if notice.kind == NoticeKind.RELAY:
        return "answered" if choice == Choice.LEFT else ""
    return "answered" if choice in SETTLED else ""


def _standing(deliveries: Sequence[Delivery]) -> dict[UUID, UUID]:
    """The registration that stands for each subject, and for what was merged into one.

    Merged ones are few, and looked up one by one.
    """
    subjects = {row.subject_id for row in deliveries if row.subject_id}
    merged = Person.objects.filter(
        Q(pk__in=subjects, merged_into__isnull=False) | Q(merged_into__in=subjects)
    )
    moved = {pk: standing(pk) for pk in merged.values_list("pk", flat=True).order_by("pk")}
    return {one: moved.get(one, one) for one in subjects | moved.keys()}
