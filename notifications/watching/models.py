"""What is counted for the operators, and who was alive when. Nothing here is about anybody."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.enums import Lane
from notifications.watching.enums import Result, TroubleKind
from privacy.declarations import declare
from privacy.periods import Period

COUNTS_KEPT = dt.timedelta(days=7)
TROUBLES_KEPT = dt.timedelta(days=90)
_WATCH = _("Notice that messages are not going out, and why")


def _counts_kept() -> str:
    return ngettext("For %(days)d day.", "For %(days)d days.", COUNTS_KEPT.days) % {
        "days": COUNTS_KEPT.days
    }


def _troubles_kept() -> str:
    return ngettext(
        "For %(days)d day after it ended.",
        "For %(days)d days after it ended.",
        TROUBLES_KEPT.days,
    ) % {"days": TROUBLES_KEPT.days}


class ProviderMinute(models.Model):
    """How many results a provider's messages had in one minute.

    Written by the statement that writes the results themselves, so that a worker that is killed
    loses none. `shard` keeps workers from queueing behind one row; readers add the shards up. Old
    minutes are added up in the row of minute 0 (1970), so that totals never fall.
    """

    minute = models.DateTimeField()
    # Empty where a message went to none: it was withheld, or could not be made.
    provider = models.CharField(max_length=60, blank=True)
    lane = models.PositiveSmallIntegerField(choices=Lane.choices)
    result = models.CharField(max_length=10, choices=Result)
    code = models.CharField(max_length=40, blank=True)
    shard = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["minute", "provider", "lane", "result", "code", "shard"],
                name="provider_minute_is_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} {self.provider} {self.result}"


declare(
    ProviderMinute,
    purpose=_WATCH,
    retention=Period(_counts_kept, lambda: COUNTS_KEPT.days),
    about=(),
    plain={"id", "minute", "provider", "lane", "result", "code", "shard", "number"},
)


class Heartbeat(models.Model):
    """When a part of the portal was last known to be alive on a machine."""

    name = models.CharField(max_length=20)
    machine = models.CharField(max_length=64, blank=True)
    beaten_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "machine"], name="one_heartbeat_a_machine")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.machine}"


declare(
    Heartbeat,
    purpose=_WATCH,
    retention=Period(_counts_kept, lambda: COUNTS_KEPT.days),
    about=(),
    plain={"id", "name", "machine", "beaten_at"},
)


class Trouble(models.Model):
    """One episode of something that keeps messages from going out, from its beginning to its end.

    `subject` is which lane, channel or provider; `worst` its worst figure: seconds or messages.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=TroubleKind)
    subject = models.CharField(max_length=60, blank=True)
    worst = models.PositiveBigIntegerField(default=0)
    began_at = models.DateTimeField()
    # When it was last so. It ends some time after, so that what comes and goes is told of once.
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("trouble with sending")
        verbose_name_plural = _("troubles with sending")
        indexes = [models.Index(fields=["-began_at"], name="trouble_began_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="trouble_is_told_once", condition=Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


declare(
    Trouble,
    purpose=_WATCH,
    retention=Period(_troubles_kept, lambda: TROUBLES_KEPT.days),
    about=(),
    plain={"id", "kind", "subject", "worst", "began_at", "seen_at", "ended_at"},
)
