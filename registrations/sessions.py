"""Ends the visits of someone who is erased: a session holds an identifier of theirs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from registrations import visits


def end_visits(identifiers: Collection[UUID]) -> int:
    """End every visit that holds one of these (of people, or of drafts); return how many.

    A session is signed and packed, so each is opened: there are as many as visitors in the last
    eight hours. An officer who is signed in beside the visit stays so.
    """
    wanted = {str(identifier) for identifier in identifiers}
    ended = 0
    for session in Session.objects.order_by("pk").iterator():
        content = session.get_decoded()
        if not wanted & {str(content.get(key)) for key in visits.KEYS}:
            continue
        ended += 1
        if SESSION_KEY not in content:
            session.delete()
            continue
        for key in visits.KEYS:
            content.pop(key, None)
        session.session_data = Session.objects.encode(content)
        session.save(update_fields=["session_data"])
    return ended
