"""Receipts that came before we had written down what they are for."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from privacy.declarations import declare
from privacy.periods import Period

HELD_FOR = dt.timedelta(days=1)


def _held_for() -> str:
    return ngettext("%(days)d day.", "%(days)d days.", HELD_FOR.days) % {"days": HELD_FOR.days}


class HeldReceipt(models.Model):
    """The last word of a provider about a reference of its own that no delivery bears yet.

    It names nobody, and most likely a message of somebody else's portal.
    """

    provider = models.CharField(max_length=60)
    reference = models.CharField(max_length=100)
    kind = models.CharField(max_length=10)
    code = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("receipt for a message not written down yet")
        verbose_name_plural = _("receipts for messages not written down yet")
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="held_receipt_is_one")
        ]
        indexes = [models.Index(fields=["received_at"], name="held_receipt_age")]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"


declare(
    HeldReceipt,
    purpose=_("Know what arrived, also when a provider is faster than we are"),
    retention=Period(_held_for, lambda: HELD_FOR.days),
    about=(),
    plain={"id", "provider", "reference", "kind", "code", "at", "received_at"},
)
