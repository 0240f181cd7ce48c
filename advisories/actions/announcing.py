"""Telling of changes: an urgent one at once, the others once a day, each to those going there."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from advisories.actions.recording import record_advice
from advisories.enums import AnnouncementKind
from advisories.models import Advice, Announcement
from advisories.ports import PURPOSE, audience_of
from advisories.texts import digest_texts, urgent_texts
from audit.actors import Actor
from notifications.actions import create_message, freeze
from notifications.enums import Lane
from notifications.templates import TextOf

URGENT_FOR = dt.timedelta(days=3)
# After a day the next digest may have come: a later one would only confuse.
DIGEST_FOR = dt.timedelta(days=1)
_VALUES = frozenset({"place", "link", "stop"})


@transaction.atomic
def announce_urgent(*, advice: Advice, by: User | Actor) -> int:
    """Tell everybody who goes there and asked for advice; return to how many. Once for all."""
    announcement = Announcement.objects.create(kind=AnnouncementKind.URGENT)
    marked = Advice.objects.unannounced().filter(pk=advice.pk).update(announcement=announcement)
    if not marked:
        announcement.delete()
        return 0
    advice.refresh_from_db(fields=["announcement"])
    told = _send(announcement, [advice.country], urgent_texts(advice), URGENT_FOR)
    record_advice("advice.announce", advice, by=by, kind="urgent", messages=told)
    return told


@transaction.atomic
def announce_digest(*, by: Actor) -> int:
    """Tell of all changes that nobody was told of yet; return to how many people.

    At most once a day (UTC), however often it is asked for: the mark on each change and the
    messages are committed together.
    """
    announcement, is_new = Announcement.objects.get_or_create(
        day=timezone.now().date(), defaults={"kind": AnnouncementKind.DIGEST}
    )
    if not is_new:
        return 0
    changes = list(
        Advice.objects.unannounced().filter(is_urgent=False).select_for_update().order_by("country")
    )
    if not changes:
        # The day is not used up: a change published later can still go out on it.
        announcement.delete()
        return 0
    Advice.objects.filter(pk__in=[change.pk for change in changes]).update(
        announcement=announcement
    )
    countries = [change.country for change in changes]
    told = _send(announcement, countries, digest_texts(countries), DIGEST_FOR)
    for change in changes:
        record_advice("advice.announce", change, by=by, kind="digest", messages=told)
    return told


def _send(
    announcement: Announcement, countries: list[str], texts: list[TextOf], lasting: dt.timedelta
) -> int:
    message = create_message(
        purpose=PURPOSE,
        lane=Lane.ADVICE,
        texts=texts,
        expires_at=timezone.now() + lasting,
        context_id=announcement.pk,
        available=_VALUES,
        required={"stop"},
    )
    announcement.message = message
    announcement.save(update_fields=["message"])
    return freeze(message, rows=audience_of(countries))
