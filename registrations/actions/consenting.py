"""What people agree to: given and taken back as easily, with what rested on it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from notifications.actions import cancel_purposes
from registrations.consent_texts import current_text
from registrations.enums import ConsentPurpose
from registrations.models import Consent, Person
from registrations.people_standing import shells_of

# What is kept under a consent and goes with it.
RESTS_ON = {
    ConsentPurpose.NEEDS: ("needs",),
    ConsentPurpose.STATISTICS: ("gender", "home_region"),
}
# The purposes of messages, as they are bound to their sources: those of the floors above as well.
MESSAGES_UNDER = {
    ConsentPurpose.CRISIS_CONTACT: ("crisis", "crisis_proof", "reminder"),
    ConsentPurpose.ADVICE: ("advice",),
}


class TextMovedOn(Exception):
    """The text that was read is no longer the one in force."""


@transaction.atomic
def give_consent(
    *,
    person_id: UUID,
    purpose: ConsentPurpose | str,
    language: str,
    by: Actor,
    version: str = "",
    renews: bool = False,
) -> bool:
    """Agree to a purpose in today's text, read in that language. False if it stands already.

    One given under an earlier text ends as this begins, so that what was agreed to, and when,
    stays on record. `version` is the text that was read, where it may have changed meanwhile:
    raises TextMovedOn when it is no longer in force. With `renews` nothing is begun that was taken
    back meanwhile: False.
    """
    purpose, now = ConsentPurpose(purpose), timezone.now()
    in_force = current_text(purpose).version
    if version not in ("", in_force):
        raise TextMovedOn
    person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
    standing = person.consents.filter(purpose=purpose, withdrawn_at=None)
    if standing.filter(text_version=in_force).exists() or (renews and not standing.exists()):
        return False
    is_renewed = bool(standing.update(withdrawn_at=now))
    Consent.objects.create(
        person=person,
        purpose=purpose,
        text_version=in_force,
        language=language,
        given_at=now,
    )
    _note("consent.renew" if is_renewed else "consent.give", person_id, purpose, by)
    return True


@transaction.atomic
def keep_consent(
    *, person_id: UUID, purpose: ConsentPurpose | str, version: str, by: Actor
) -> bool:
    """Stay with the text that was agreed to; this newer version is not asked about again.

    False when there is nothing to keep, or it was kept before. Raises TextMovedOn.
    """
    purpose = ConsentPurpose(purpose)
    if version != current_text(purpose).version:
        raise TextMovedOn
    kept = (
        Consent.objects.filter(person_id=person_id, purpose=purpose, withdrawn_at__isnull=True)
        .exclude(text_version=version)
        .exclude(declined_version=version)
        .update(declined_version=version)
    )
    if kept:
        _note("consent.keep", person_id, purpose, by)
    return bool(kept)


@transaction.atomic
def withdraw_consent(*, person_id: UUID, purpose: ConsentPurpose | str, by: Actor) -> bool:
    """End a consent, and erase what was kept under it alone. False if there was none.

    Messages that rest on it and wait are cancelled, those that a worker has claimed included; and
    what is prepared meanwhile is asked about again when it is opened.
    """
    purpose = ConsentPurpose(purpose)
    # What was merged into them is theirs as well: to undo the merge must not bring a consent back.
    people = {person_id, *shells_of(person_id)}
    # First of all: a renewal under way would end what this looks for, and begin another.
    locked = list(
        Person.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk")
    )
    ended = Consent.objects.filter(
        person_id__in=people, purpose=purpose, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now())
    if not ended:
        return False
    if purpose in RESTS_ON:
        for person in locked:
            for name in RESTS_ON[purpose]:
                setattr(person, name, None)
            person.save(update_fields=RESTS_ON[purpose])
    resting = MESSAGES_UNDER.get(purpose, ())
    if resting:
        cancel_purposes(people, resting)
    journal("consent.withdrawn", person_id=person_id, code=purpose.value)
    _note("consent.withdraw", person_id, purpose, by)
    return True


def _note(action: str, person_id: UUID, purpose: ConsentPurpose, by: Actor) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.REGISTRATION,
        subjects=[person_id],
        object_type="registrations.consent",
        details={"purpose": purpose.value},
    )
