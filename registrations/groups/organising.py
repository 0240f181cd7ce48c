"""The visit of someone who organises a group: a draft that holds their address and what they type.

It is apart from a registration of their own, and ends by itself after half an hour without a page.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from registrations.answers import Answers
from registrations.contacts import indexes_of
from registrations.models import Draft, Group
from registrations.validation import MailAddress
from registrations.visits import IDLE

_DRAFT = "organiser"
_SEEN = "organiser_seen"


def draft_of(request: HttpRequest) -> Draft | None:
    """The draft of this visit while the visit runs; asking for it keeps the visit going."""
    now = timezone.now().timestamp()
    try:
        draft_id = UUID(request.session.get(_DRAFT, ""))
    except (ValueError, TypeError):
        return None
    if now - request.session.get(_SEEN, 0) > IDLE.total_seconds():
        leave(request)
        return None
    draft = Draft.objects.filter(pk=draft_id).first()
    if draft is None or draft.has_expired:
        leave(request)
        return None
    request.session[_SEEN] = now
    return draft


def begin(request: HttpRequest, draft_id: UUID) -> None:
    """Tie the visit to a draft, under a new session key: one planted before opens nothing."""
    request.session.cycle_key()
    request.session[_DRAFT] = str(draft_id)
    request.session[_SEEN] = timezone.now().timestamp()


def leave(request: HttpRequest) -> None:
    for key in (_DRAFT, _SEEN):
        request.session.pop(key, None)


def proved_indexes(answers: Answers) -> list[bytes]:
    """What the organiser's groups are found by, newest key first; none before a code proves it."""
    proved = answers.proved
    return indexes_of(MailAddress(proved[0].address)) if proved else []


def groups_of(indexes: list[bytes]) -> list[Group]:
    """The groups of whoever proved an address, the newest first."""
    return list(Group.objects.filter(organiser_index__in=indexes).order_by("-created_at", "pk"))
