"""What crises keep about a person, for that person to take along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crises.models import Answer, Crisis, IncomingReply, Stopped


def answers_of(people: list[UUID]) -> list[dict[str, Any]]:
    """Every answer, those that another has superseded too, the oldest first."""
    # Through the crises, which are few: the index of answers begins with them.
    answers = (
        Answer.objects.filter(crisis__in=Crisis.objects.all(), person_id__in=people)
        .select_related("crisis")
        .order_by("answered_at", "pk")
    )
    return [
        {
            "crisis": answer.crisis.title,
            "answered_at": answer.answered_at.isoformat(),
            "choice": answer.choice,
            "note": answer.note,
            "whereabouts": answer.whereabouts,
            "help_asked_at": _moment(answer.help_asked_at),
            "via": answer.via,
            "superseded_at": _moment(answer.superseded_at),
        }
        for answer in answers
    ]


def stops_of(people: list[UUID]) -> list[dict[str, Any]]:
    """The crises of which they want no more notices."""
    stops = Stopped.objects.filter(crisis__in=Crisis.objects.all(), person_id__in=people)
    return [
        {"crisis": stop.crisis.title, "stopped_at": stop.stopped_at.isoformat()}
        for stop in stops.select_related("crisis").order_by("stopped_at", "pk")
    ]


def replies_of(people: list[UUID]) -> list[dict[str, Any]]:
    """What came by text from addresses of theirs alone, and is not recorded as an answer."""
    replies = IncomingReply.objects.sent_by(people).select_related("crisis")
    return [
        {
            "crisis": reply.crisis.title if reply.crisis else None,
            "received_at": reply.received_at.isoformat(),
            "channel": reply.channel,
            "text": reply.text,
            "handled_at": _moment(reply.handled_at),
        }
        for reply in replies.order_by("received_at", "pk")
    ]


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
