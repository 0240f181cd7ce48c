"""The states of messages and deliveries, and the moves between them that are allowed."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(StrEnum):
    """The channels that the code speaks of by name; channels/installed.py says which there are."""

    MAIL = "mail"
    SMS = "sms"
    PUSH = "push"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"


class Lane(models.IntegerChoices):
    """What may never wait for what. A lower number goes first (see engine/claims.py)."""

    CRISIS = 10, _("Crisis notice")
    VERIFICATION = 20, _("Code")
    ADVICE = 30, _("Advice")

    @property
    def priority(self) -> int:
        return int(self.value)


class MessageState(models.TextChoices):
    PREPARED = "prepared", _("Prepared")
    SENDING = "sending", _("Sending")
    PAUSED = "paused", _("Paused")
    ABORTED = "aborted", _("Aborted")
    DONE = "done", _("Done")


MESSAGE_TRANSITIONS: dict[MessageState, frozenset[MessageState]] = {
    MessageState.PREPARED: frozenset({MessageState.SENDING, MessageState.ABORTED}),
    MessageState.SENDING: frozenset({MessageState.PAUSED, MessageState.ABORTED, MessageState.DONE}),
    MessageState.PAUSED: frozenset({MessageState.SENDING, MessageState.ABORTED}),
    MessageState.ABORTED: frozenset(),
    # Only to those it did not reach (actions/resending.py).
    MessageState.DONE: frozenset({MessageState.SENDING}),
}


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    CLAIMED = "claimed", _("Claimed by a worker")
    SENDING = "sending", _("Being sent")
    ACCEPTED = "accepted", _("Accepted by the provider")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    UNCERTAIN = "uncertain", _("Uncertain")
    WITHHELD = "withheld", _("Withheld")
    CANCELLED = "cancelled", _("Cancelled")


# A delivery in one of these has work left, and therefore a `due_at`; UNCERTAIN may go either way.
OPEN_STATES = frozenset({DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING})
# The person was reached, or may have been.
REACHED_STATES = frozenset(
    {DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.UNCERTAIN}
)

# A worker moves a row by what a provider answers, and a receipt by what it says later or earlier:
# so what was tried once may prove to have arrived from any state (actions/receipts.py).
DELIVERY_TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset(
        {
            DeliveryState.CLAIMED,
            DeliveryState.CANCELLED,
            DeliveryState.ACCEPTED,
            DeliveryState.DELIVERED,
        }
    ),
    DeliveryState.CLAIMED: frozenset(
        {
            DeliveryState.QUEUED,
            DeliveryState.SENDING,
            DeliveryState.WITHHELD,
            DeliveryState.FAILED,
            DeliveryState.CANCELLED,
            DeliveryState.ACCEPTED,
            DeliveryState.DELIVERED,
        }
    ),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.ACCEPTED,
            DeliveryState.DELIVERED,
            DeliveryState.FAILED,
            DeliveryState.QUEUED,
            DeliveryState.UNCERTAIN,
        }
    ),
    DeliveryState.UNCERTAIN: frozenset(
        {
            DeliveryState.ACCEPTED,
            DeliveryState.DELIVERED,
            DeliveryState.FAILED,
            DeliveryState.QUEUED,
        }
    ),
    DeliveryState.ACCEPTED: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED}),
    DeliveryState.DELIVERED: frozenset(),
    DeliveryState.FAILED: frozenset({DeliveryState.DELIVERED}),
    DeliveryState.WITHHELD: frozenset({DeliveryState.DELIVERED}),
    DeliveryState.CANCELLED: frozenset({DeliveryState.DELIVERED}),
}
