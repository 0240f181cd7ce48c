"""What is counted for the operators, and who was alive when. Nothing here is about anybody."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.enums import Lane
from notifications.watching.enums import Result
from privacy.declarations import declare
from privacy.periods import Period

COUNTS_KEPT = dt.timedelta(days=7)
_WATCH = _("Notice that messages are not going out, and why")


def _counts_kept() -> str:
    return ngettext("For %(days)d day.", "For %(days)d days.", COUNTS_KEPT.days) % {
        "days": COUNTS_KEPT.days
    }


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
