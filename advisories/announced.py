"""Which countries a message tells of: the floor above asks before each batch."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from advisories.models import Advice


def countries_of(message_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """The countries whose change each message tells of; a message of no change is left out."""
    found: dict[UUID, set[str]] = {}
    for message_id, country in Advice.objects.filter(
        announcement__message_id__in=set(message_ids)
    ).values_list("announcement__message_id", "country"):
        found.setdefault(message_id, set()).add(country)
    return {message_id: frozenset(codes) for message_id, codes in found.items()}
