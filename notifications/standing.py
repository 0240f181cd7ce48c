"""How each provider stands: one row for all workers on all machines (engine/choosing.py)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from privacy.declarations import declare


class ProviderStand(models.Model):
    """One provider: whether it may be used now, and how fast. No row: nothing is known against it.

    The circuit is closed while `opened` is 0, open until `open_until`, and half-open after that:
    one worker at a time tries it with a few letters, until `trial_until` at the longest.
    """

    key = models.CharField(primary_key=True, max_length=60)  # "sms.gateway"
    # Failures of its own, not of a recipient's, one after the other.
    failures = models.PositiveIntegerField(default=0)
    # How often the circuit has opened since it last worked: each time it stays open longer.
    opened = models.PositiveSmallIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    trial_until = models.DateTimeField(null=True, blank=True)
    # It asked to be left alone until then (429, Retry-After).
    rests_until = models.DateTimeField(null=True, blank=True)
    # What may leave at once, as counted at `filled_at`; only for a provider with `per_second`.
    tokens = models.FloatField(default=0)
    filled_at = models.DateTimeField(null=True, blank=True)
    # Until when the turns of those are given out for whom there was no token.
    booked_until = models.DateTimeField(null=True, blank=True)
    advice_booked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("state of a provider")
        verbose_name_plural = _("states of providers")

    def __str__(self) -> str:
        return self.key


declare(
    ProviderStand,
    purpose=_("Use no provider that is down, and none faster than agreed"),
    retention=_("As long as the provider is in use"),
    about=(),
    plain={
        "key",
        "failures",
        "opened",
        "open_until",
        "trial_until",
        "rests_until",
        "tokens",
        "filled_at",
        "booked_until",
        "advice_booked_until",
    },
)
