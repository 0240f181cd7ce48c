"""That somebody looked at the overview stands in the ledger, once an hour."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import User
from audit.actors import ActorKind
from audit.ledger import record
from audit.models import Entry
from audit.purposes import Purpose

_ONCE_IN = dt.timedelta(hours=1)
_ACTION = "ledger.overview"


def note_overview(*, by: User) -> None:
    lately = Entry.objects.filter(
        actor_kind=ActorKind.USER,
        actor_id=str(by.pk),
        at__gte=timezone.now() - _ONCE_IN,
        action=_ACTION,
    )
    if not lately.exists():
        record(action=_ACTION, by=by, purpose=Purpose.OVERSIGHT, object_type="audit.entry")
