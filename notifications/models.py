"""Messages, their texts by language, and one delivery for each recipient: the rows are the queue.

No address and no personal value is kept here: who a recipient is, only the floor above knows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.channels.installed import channel_choices
from notifications.channels.sms.models import SmsPrice
from notifications.enums import (
    OPEN_STATES,
    REACHED_STATES,
    DeliveryState,
    Lane,
    MessageState,
)
from notifications.held import HeldReceipt
from notifications.standing import ProviderStand
from notifications.watching.models import Heartbeat, ProviderMinute
from privacy.declarations import declare
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

__all__ = [
    "Delivery",
    "DeliveryQuerySet",
    "Heartbeat",
    "HeldReceipt",
    "Message",
    "MessageText",
    "ProviderMinute",
    "ProviderStand",
    "SmsPrice",
]

# The trace of a message with a code goes this many days after it was made.
CODES_KEPT = 30


def _as_long_as_its_reason() -> str:
    return ngettext(
        "As long as what it was sent about: a registration, a crisis. A message with a code: "
        "%(days)d day.",
        "As long as what it was sent about: a registration, a crisis. A message with a code: "
        "%(days)d days.",
        CODES_KEPT,
    ) % {"days": CODES_KEPT}


_SEND = _("Send each message once, stop what need not be sent any more, and know what arrived")
_KEPT = Period(_as_long_as_its_reason)


class Message(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    lane = models.PositiveSmallIntegerField(choices=Lane.choices)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.PREPARED
    )
    # Whatever the floor above sends this for (a crisis, say). Opaque here.
    context_id = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["context_id"], name="message_context"),
            models.Index(
                fields=["expires_at"],
                name="message_open",
                condition=Q(state__in=[MessageState.SENDING, MessageState.PAUSED]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MessageState.values), name="message_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


declare(
    Message,
    purpose=_SEND,
    retention=_KEPT,
    about=(),
    plain={
        "id",
        "purpose",
        "lane",
        "state",
        "context_id",
        "expires_at",
        "created_at",
        "finished_at",
    },
)


class MessageText(models.Model):
    """What the message says in one language, with placeholders for what differs by person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without an index of its own: the unique constraint's begins with the message.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="texts", db_index=False
    )
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    sms = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "language"], name="one_text_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.language} of {self.message_id}"


declare(
    MessageText,
    purpose=_SEND,
    retention=_KEPT,
    about=(),
    plain={"id", "message", "language", "subject", "body", "sms"},
)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def unfinished(self) -> DeliveryQuerySet:
        return self.filter(due_at__isnull=False)

    def reached(self) -> DeliveryQuerySet:
        return self.filter(state__in=REACHED_STATES)

    def doubtful(self) -> DeliveryQuerySet:
        """Those whose outcome was unknown at least once: they may have arrived twice."""
        return self.filter(doubts__gt=0)

    def for_subjects(self, subject_ids: Iterable[uuid.UUID]) -> DeliveryQuerySet:
        return self.filter(subject_id__in=list(subject_ids))

    def tally(self) -> dict[tuple[str, str], int]:
        """Count by (channel, state)."""
        rows = self.order_by().values_list("channel", "state").annotate(n=models.Count("pk"))
        return {(channel, state): number for channel, state, number in rows}


class Delivery(models.Model):
    """One message to one contact point. A retry, or another provider, is an attempt on this row.

    `due_at` is when somebody has to look at the row: to send it, or to clear up a doubt. It is null
    when nothing is left to do, so that the partial indexes hold unfinished rows only. A worker
    that has claimed the row has it until `lease_until`; no index holds that, so that claiming and
    beginning rewrite no index.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without an index of its own: the unique constraint's begins with the message.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    recipient_id = models.UUIDField(_("recipient"))
    subject_id = models.UUIDField(_("person"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=20, choices=channel_choices)
    language = models.CharField(_("language"), max_length=10)
    lane = models.PositiveSmallIntegerField(_("how urgent it is"), choices=Lane.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    # Copied from a paused message, so that a claim never wades through rows it may not take.
    held = models.BooleanField(_("held back"), default=False)
    attempt = models.PositiveSmallIntegerField(_("number of attempts"), default=0)
    # How often the outcome of an attempt could not be known.
    doubts = models.PositiveSmallIntegerField(_("attempts in doubt"), default=0)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True, default=timezone.now)
    lease_owner = models.CharField(_("being sent by"), max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True, default="")
    withheld_reason = models.CharField(
        _("why it was not sent"), max_length=40, blank=True, default=""
    )
    provider_reference = models.CharField(
        _("the provider's reference"), max_length=100, blank=True, default=""
    )
    # Who has it, or was tried last: "sms.gateway".
    provider = models.CharField(_("provider"), max_length=60, blank=True, default="")
    accepted_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    created_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message to a person")
        verbose_name_plural = _("messages to a person")
        indexes = [
            models.Index(
                fields=["lane", "due_at"],
                name="delivery_due",
                condition=Q(due_at__isnull=False, held=False),
            ),
            models.Index(
                fields=["message", "subject_id"],
                name="delivery_unfinished",
                condition=Q(due_at__isnull=False),
            ),
            # To stop, and to erase, what is about one person.
            models.Index(
                fields=["subject_id"],
                name="delivery_by_subject",
                condition=Q(subject_id__isnull=False),
            ),
            # For receipts of providers that do not send our identifier back.
            models.Index(
                fields=["provider_reference"],
                name="delivery_by_reference",
                condition=~Q(provider_reference=""),
            ),
            # By `doubts`, not by `state`: beginning to send then touches no indexed column.
            models.Index(
                fields=["due_at"],
                name="delivery_doubt",
                condition=Q(due_at__isnull=False, doubts__gt=0),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "recipient_id"], name="one_delivery_per_recipient"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(OPEN_STATES), due_at__isnull=False)
                | Q(state=DeliveryState.UNCERTAIN)
                | Q(
                    state__in=sorted(set(DeliveryState) - OPEN_STATES - {DeliveryState.UNCERTAIN}),
                    due_at__isnull=True,
                ),
                name="delivery_due_while_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


declare(
    Delivery,
    purpose=_SEND,
    retention=_KEPT,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED, DataSubject.FAMILY},
    basis=LegalBasis.PUBLIC_TASK,
    plain={
        "id": "",
        "message": "",
        "recipient_id": _("Find the address when it is sent: none is kept here"),
        "subject_id": _("Stop what is left for a person who has answered"),
        "channel": "",
        "language": _("Choose the language of the words"),
        "lane": "",
        "state": "",
        "held": "",
        "attempt": "",
        "doubts": _("Tell who may have got it twice"),
        "due_at": "",
        "lease_owner": "",
        "lease_until": "",
        "error_code": "",
        "withheld_reason": "",
        "provider_reference": _("Ask the provider what became of it"),
        "provider": _("Ask the right provider, and see which of them fails"),
        "accepted_at": "",
        "delivered_at": "",
        "created_at": "",
    },
)
