"""What the channels hand up to the crises: answers by text, and addresses that do not work."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crises.actions.replying import take_reply
from notifications.ports import Inbound, Undeliverable
from registrations.actions.undeliverable import take_bounces, take_complaints


class CrisisInbound:
    """Bound to the port of notifications."""

    def reply(self, inbound: Inbound) -> None:
        take_reply(inbound)

    def undeliverable(self, delivery_ids: Sequence[UUID], kind: Undeliverable) -> None:
        if kind is Undeliverable.BOUNCED:
            take_bounces(delivery_ids=delivery_ids)
        else:
            take_complaints(delivery_ids=delivery_ids)
