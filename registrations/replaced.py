"""Addresses that another has taken the place of: told so once, and erased soon after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations.models import ContactPoint

REPLACED: Final = "replaced"


class ReplacedSource:
    """Unproved by now, so no other message reaches them."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        answer: dict[UUID, Opened | Withheld] = {pk: Withheld("erased") for pk in recipient_ids}
        for point in ContactPoint.objects.filter(
            pk__in=recipient_ids, replaced_at__isnull=False
        ).select_related("person"):
            answer[point.pk] = Opened(address=point.address, language=point.person.language)
        return answer
