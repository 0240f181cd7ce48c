"""Opens the recipients of a crisis's notices for the dispatch engine, or says why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from crises.enums import SETTLED, UNDER_WAY, Choice, NoticeKind, NoticeState
from crises.models import Answer, Notice, Stopped
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations.models import Person
from registrations.people_standing import standing
from registrations.sources import open_contacts

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
        return {**answer, **open_contacts(wanted, purpose)}


@dataclass(frozen=True, slots=True)
class _Said:
    """What people have told us: their newest answers, and who wants no more, by crisis."""

    answers: dict[tuple[UUID, UUID], str]
    stopped: set[tuple[UUID, UUID]]

    @classmethod
    def about(cls, people: dict[UUID, UUID], notices: dict[UUID | None, Notice]) -> _Said:
        """`people` leads each identifier to the registration that stands for it."""
        asked = {
            "crisis_id__in": {notice.crisis_id for notice in notices.values()},
            "person_id__in": people.keys(),
        }
        answers = Answer.objects.current().filter(**asked).order_by("answered_at", "pk")
        stopped = Stopped.objects.filter(**asked).order_by("pk")
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
