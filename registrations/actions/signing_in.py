"""Finding a registration again by an address that was just proved with a code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from geography.folding import fold
from privacy.fields import CannotOpen
from registrations.actions.drafts import DraftGone
from registrations.answers import Answers
from registrations.contacts import index_of, indexes_of, point_index, value_of
from registrations.models import Challenge, ContactPoint, Draft, Person
from registrations.people_standing import standing
from registrations.references import identifiers_of

# How long a proof opens a registration: the code was read by whoever holds the phone now.
PROOF_LIFETIME = dt.timedelta(minutes=30)


def people_proved_by(draft_id: UUID, answers: Answers | None = None) -> list[UUID]:
    """People with a proved contact point whose address this draft has proved in the last half hour.

    What others uploaded is not proved and finds nobody; of merged people, the one that was kept.
    The order tells nothing. `answers` are the draft's, where they were just read. Raises DraftGone.
    """
    indexes = _proved_indexes(answers or _answers_of(draft_id))
    if not indexes:
        return []
    found = ContactPoint.objects.proved().filter(
        address_index__in=indexes, replaced_at__isnull=True
    )
    return sorted({standing(point.person_id) for point in found if _says(point, indexes)})


def _says(point: ContactPoint, indexes: Collection[bytes]) -> bool:
    """Whether the sealed address is what its index says: an index can be copied from another row
    by whoever may write to the database, a sealed address cannot."""
    try:
        return point_index(point) in indexes
    except CannotOpen:
        return False


def unfinished_registration(draft_id: UUID) -> UUID | None:
    """The newest other draft, begun with a name, whose address was proved and is this one's.

    Raises DraftGone.
    """
    indexes = _proved_indexes(_answers_of(draft_id))
    proved = Challenge.objects.filter(
        address_index__in=indexes,
        used_at__isnull=False,
        draft__expires_at__gt=timezone.now(),
    ).exclude(draft_id=draft_id)
    drafts = Draft.objects.filter(pk__in=proved.values("draft_id")).order_by("-created_at")
    for draft in drafts:
        answers = Answers.from_json(draft.answers)
        # An address that was proved once and corrected since is not the draft's any more.
        still = {index_of(value_of(item.channel, item.address)) for item in answers.proved}
        # What an organiser types of a group is no registration of their own.
        if answers.name and not answers.group_name and still & set(indexes):
            return draft.pk
    return None


def tell_apart(people: Collection[UUID], typed: str) -> UUID | None:
    """Who of those that share an address is meant by a full name or a reference; None if unclear.

    Every name is opened and compared, whichever is meant. Two of one name need the reference.
    """
    wanted = fold(typed)
    span = identifiers_of(typed)
    meant = [
        person.pk
        for person in Person.objects.filter(pk__in=list(people)).order_by("pk")
        if (bool(wanted) and fold(person.name) == wanted)
        | (span is not None and span[0] <= person.pk <= span[1])
    ]
    return meant[0] if len(meant) == 1 else None


@transaction.atomic
def note_sign_in(*, person_id: UUID) -> None:
    """Record that a registration was opened with a code, for the person to see."""
    record(
        action="registration.open",
        by=Actor.traveller(person_id),
        purpose=Purpose.REGISTRATION,
        subjects=[person_id],
        object_type="registrations.person",
    )


def _answers_of(draft_id: UUID) -> Answers:
    draft = Draft.objects.filter(pk=draft_id).first()
    if draft is None or draft.has_expired:
        raise DraftGone
    return Answers.from_json(draft.answers)


def _proved_indexes(answers: Answers) -> list[bytes]:
    fresh = timezone.now() - PROOF_LIFETIME
    return [
        index
        for item in answers.proved
        if item.verified_at and item.verified_at > fresh
        for index in indexes_of(value_of(item.channel, item.address))
    ]
