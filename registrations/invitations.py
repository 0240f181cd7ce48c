"""Invitations of people whom someone else reported: who may be written to, and in whose name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from privacy.index_ring import index_ring
from registrations.contacts import CONTACT_DOMAIN, Address
from registrations.enums import REPORTED
from registrations.models import ContactPoint, Person, Report

INVITATION: Final = "invitation"
# A name is at most so long in a message to a stranger: what is longer would be a text of its own.
_NAME_LENGTH = 60
_DOT_IN_WORD = re.compile(r"(?<=\w)[.:/]+(?=\w)")


def scope_of(report: Report) -> str:
    """Who invites: within it, an address is written to once, and a refusal holds."""
    if report.group_id:
        return f"group:{report.group_id}"
    if report.named_by_id:
        return f"person:{report.named_by_id}"
    return f"{report.source}:{report.crisis_id or ''}"


def invitation_indexes(scope: str, address: Address) -> list[bytes]:
    """Of who invites and whom, together, under every secret of the ring, newest first."""
    ring = index_ring()
    indexes = []
    for key_id in ring.key_ids:
        inner = ring.index(key_id, CONTACT_DOMAIN, address.indexed)
        indexes.append(ring.index(key_id, "registrations.invitation", f"{scope}|{inner.hex()}"))
    return indexes


def is_reported(person: Person) -> bool:
    """Whether only others have spoken of this person so far, and no officer merged the report."""
    return person.source in REPORTED and person.merged_into_id is None


class InvitationSource:
    """Unproved addresses of reported people, each with the name of who reported them."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        # Whoever adopted or refused the report has erased the address with it.
        answer: dict[UUID, Opened | Withheld] = {pk: Withheld("erased") for pk in recipient_ids}
        points = list(ContactPoint.objects.filter(pk__in=recipient_ids).select_related("person"))
        reports = {
            report.person_id: report
            for report in Report.objects.filter(person__in={point.person_id for point in points})
            .select_related("group", "named_by")
            .order_by("-reported_at")
        }
        for point in points:
            answer[point.pk] = _open(point, reports.get(point.person_id))
        return answer


def _open(point: ContactPoint, report: Report | None) -> Opened | Withheld:
    if report is None or not is_reported(point.person) or point.verified_at:
        return Withheld("answered")
    if report.agreed_at or report.refused_at:
        return Withheld("answered")
    language = point.person.language
    with override(language):
        name = reported_by(report) or _("somebody who knows you")
    return Opened(address=point.address, language=language, values={"name": name})


def reported_by(report: Report) -> str:
    """The name of who reported, as it may stand in a message to a stranger; "" if none is known."""
    if report.group:
        name = report.group.name
    elif report.named_by:
        name = report.named_by.name
    else:
        name = str((report.reporter or {}).get("name") or "")
    return name_for_stranger(name)


def name_for_stranger(name: str) -> str:
    """A name as it may stand in a message to somebody who never asked for one."""
    # No mail program makes a link of it.
    plain = _DOT_IN_WORD.sub(" ", name)
    return plain if len(plain) <= _NAME_LENGTH else f"{plain[: _NAME_LENGTH - 1]}…"
