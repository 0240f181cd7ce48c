"""Opens the recipients of a crisis's notices for the dispatch engine, or says why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from crises.enums import UNDER_WAY, NoticeState
from crises.models import Answer, Notice
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
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
        settled = _settled(deliveries, notices)
        reasons: dict[UUID, list[str]] = defaultdict(list)
        for row in deliveries:
            notice = notices.get(row.message_id)
            reasons[row.recipient_id].append(_why_not(row, notice, settled))
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


def _why_not(row: Delivery, notice: Notice | None, settled: set[tuple[UUID, UUID]]) -> str:
    if notice is None or notice.state not in _MAY_BE_SENT or not notice.approval_stands:
        return "not_approved"
    if not notice.crisis.is_open:
        return "crisis_closed"
    if row.subject_id is not None and (notice.crisis_id, row.subject_id) in settled:
        return "answered"
    return ""


def _settled(
    deliveries: Sequence[Delivery], notices: dict[UUID | None, Notice]
) -> set[tuple[UUID, UUID]]:
    """(crisis, person) of those who are safe or have left."""
    return set(
        Answer.objects.settled()
        .filter(
            crisis_id__in={notice.crisis_id for notice in notices.values()},
            person_id__in={row.subject_id for row in deliveries if row.subject_id},
        )
        .values_list("crisis_id", "person_id")
    )
