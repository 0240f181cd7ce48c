"""Opens addresses for the dispatch engine, a batch at a time, or says why they stay closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef
from django.utils import timezone

from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from privacy.fields import open_value
from registrations.codes import code_of
from registrations.consents import consent_in_force, points_of_the_unproved
from registrations.enums import ConsentPurpose
from registrations.models import Challenge, ContactPoint

# Which consent each purpose of a message rests on.
CONSENT_FOR = {
    "crisis": ConsentPurpose.CRISIS_CONTACT,
    "advice": ConsentPurpose.ADVICE,
}


def open_contacts(ids: Sequence[UUID], purpose: str) -> dict[UUID, Opened | Withheld]:
    """Open contact points in one query. `purpose` is a message's, or a consent's own name.

    Withheld for: erased (or never there), unproved, no_consent.
    """
    consent = CONSENT_FOR.get(purpose) or ConsentPurpose(purpose)
    rows = ContactPoint.objects.filter(pk__in=ids).annotate(
        agreed=consent_in_force(consent, OuterRef("person_id"))
    )
    answer: dict[UUID, Opened | Withheld] = {pk: Withheld("erased") for pk in ids}
    sealed: Any  # values_list gives what the column holds, not what the field opens.
    for pk, person_id, sealed, verified_at, agreed, language in rows.values_list(
        "pk", "person_id", "address", "verified_at", "agreed", "person__language"
    ):
        if not agreed:
            answer[pk] = Withheld("no_consent")
        elif verified_at is None:
            answer[pk] = Withheld("unproved")
        else:
            opened = open_value(ContactPoint, "address", sealed, pk=pk, owner=person_id)
            answer[pk] = Opened(address=opened, language=language)
    return answer


def open_unproved(ids: Sequence[UUID]) -> dict[UUID, Opened]:
    """Open those among unproved contact points that may be written to on vital interest.

    The caller has made sure that an approved notice says so. What is missing stays closed.
    """
    rows = points_of_the_unproved().filter(pk__in=ids)
    answer: dict[UUID, Opened] = {}
    sealed: Any
    for pk, person_id, sealed, language in rows.values_list(
        "pk", "person_id", "address", "person__language"
    ):
        address = open_value(ContactPoint, "address", sealed, pk=pk, owner=person_id)
        answer[pk] = Opened(address=address, language=language)
    return answer


class ChallengeSource:
    """The addresses to prove, each with its code."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        answer: dict[UUID, Opened | Withheld] = {pk: Withheld("erased") for pk in recipient_ids}
        now = timezone.now()
        sealed: Any
        for pk, draft_id, sealed, language, expires_at, used_at in Challenge.objects.filter(
            pk__in=recipient_ids
        ).values_list("pk", "draft_id", "address", "language", "expires_at", "used_at"):
            if used_at or expires_at <= now:
                answer[pk] = Withheld("expired")
                continue
            answer[pk] = Opened(
                address=open_value(Challenge, "address", sealed, pk=pk, owner=draft_id),
                language=language,
                values={"code": code_of(pk)},
            )
        return answer
