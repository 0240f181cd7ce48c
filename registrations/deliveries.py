"""What was, or is about to be, sent to or about someone who is erased."""

from __future__ import annotations

from uuid import UUID

from notifications.actions import forget_subjects, give_to
from notifications.models import Delivery
from registrations.erasing import Erasure, Kept, Order, Traces


class DeliveryEraser:
    """Bound to the port of registrations itself: the queue below knows people by id alone."""

    def identifiers(self, people: frozenset[UUID]) -> set[UUID]:
        theirs = Delivery.objects.for_subjects(people).order_by("pk")
        return {one for row in theirs.values_list("pk", "recipient_id") for one in row}

    def would_keep(self, people: frozenset[UUID]) -> list[Kept]:
        return []

    def erase(self, traces: Traces, order: Order) -> Erasure:
        if order.successor is not None:
            give_to(traces.people, order.successor)
        return Erasure(forget_subjects(traces.people))
