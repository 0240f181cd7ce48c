"""What oversight erases each night: what was looked into, ended, sent or walked long ago."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from notifications.watching.models import TROUBLES_KEPT, Trouble
from oversight.models import ALARMS_KEPT, TRACES_KEPT, Alarm, OverseerMail, Verification
from registrations.retention_steps import Counts, bind_step


def bind_steps() -> None:
    bind_step("oversight", _clear, title=_("What oversight kept"), order=90)


def _clear(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    # Their mails go with them.
    alarms, _all = Alarm.objects.filter(seen_at__lt=now - ALARMS_KEPT).delete()
    mails, _all = OverseerMail.objects.filter(sent_at__lt=now - TRACES_KEPT).delete()
    walks, _all = Verification.objects.filter(finished_at__lt=now - TRACES_KEPT).delete()
    ended, _all = Trouble.objects.filter(ended_at__lt=now - TROUBLES_KEPT).delete()
    yield {
        "erased_alarms": alarms,
        "erased_mails": mails,
        "erased_verifications": walks,
        "erased_troubles": ended,
    }
