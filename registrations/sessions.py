"""Ends the visits of someone who is erased: a session holds an identifier of theirs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from registrations import visits
from registrations.models import Draft, Person


def end_visits_of_nobody() -> int:
    """End visits to a registration, or a draft, that is not there any more; return how many.

    Whoever is erased at night has not visited for long; this is for what a race left.
    """
    held = {
        UUID(str(found))
        for session in Session.objects.order_by("pk").iterator()
        if (found := session.get_decoded().get(visits.KEYS[0]))
    }
    there = set(Person.objects.filter(pk__in=held).values_list("pk", flat=True))
    there |= set(Draft.objects.filter(pk__in=held).values_list("pk", flat=True))
    return end_visits(held - there) if held - there else 0


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
