"""What people send us in a crisis: saved at once, unproved, and once however often it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from crises.actions.answering import answer_for
from crises.actions.proving import send_proofs
from crises.actions.refusals import Refused
from crises.actions.turns import take_turns
from crises.enums import AnsweredVia, Choice, CrisisState
from crises.models import Crisis, Submission
from privacy.blind_index import blind_index, blind_indexes
from registrations.actions import report_person
from registrations.actions.unproved import register_unproved
from registrations.answers import ContactAnswer, StayAnswer
from registrations.contacts import typed_value_of
from registrations.enums import Source
from registrations.limits import take_send
from registrations.models import Person

_KEY_DOMAIN = "crises.submission.key"


@transaction.atomic
def register_in_crisis(
    *,
    crisis: Crisis,
    as_sent: str,
    name: str,
    language: str,
    contacts: Sequence[ContactAnswer],
    stay: StayAnswer,
    choice: Choice | None,
    note: str,
    network: str,
) -> Submission:
    """Save someone who is there, and ask their address to be proved. Raises Refused when closed.

    `as_sent` is all that was typed with the form's token: sent again, it changes nothing. Limits
    and a cache that is down hold back the message alone, never the registration.
    """

    def save() -> Person:
        by = Actor.unknown()
        person = register_unproved(
            name=name,
            language=language,
            contacts=contacts,
            stays=[stay],
            crisis_id=crisis.pk,
            note=note,
            by=by,
        )
        if choice is not None:
            answer_for(
                crisis=crisis,
                person_id=person.pk,
                choice=choice,
                via=AnsweredVia.FORM,
                by=by,
                note=note,
                whereabouts=stay.exact_address,
            )
        return person

    submission, is_new = _take(crisis, as_sent, save)
    if is_new and not send_proofs(submission, network=network):
        submission.proof_waits = True
        submission.save(update_fields=["proof_waits"])
    return submission


@transaction.atomic
def report_relative(
    *,
    crisis: Crisis,
    as_sent: str,
    reporter: Mapping[str, str],
    name: str,
    language: str,
    contacts: Sequence[ContactAnswer],
    stay: StayAnswer,
    note: str,
    network: str,
) -> Submission:
    """Save what a relative says of someone, and invite that person. Raises Refused when closed.

    Nobody is looked up, so that nothing can tell whether the person was known.
    """

    def save() -> Person:
        # Every address is counted, whichever of them is written to.
        allowed = [
            take_send(
                typed_value_of(item.channel, item.address),
                draft=_digest(as_sent).hex(),
                network=network,
            )
            is None
            for item in contacts
        ]
        return report_person(
            source=Source.RELATIVE,
            name=name,
            language=language,
            contacts=contacts,
            stays=[stay],
            by=Actor.unknown(),
            crisis_id=crisis.pk,
            reporter=dict(reporter),
            note=note,
            invite=bool(allowed) and all(allowed),
        )

    return _take(crisis, as_sent, save)[0]


def _take(crisis: Crisis, as_sent: str, save: Callable[[], Person]) -> tuple[Submission, bool]:
    """Save what was sent, or find it saved; the second says whether it is new."""
    key = _digest(as_sent)
    take_turns(key)
    former = Submission.objects.filter(
        crisis=crisis, key__in=blind_indexes(_KEY_DOMAIN, as_sent)
    ).first()
    if former is not None:
        return former, False
    if not Crisis.objects.filter(pk=crisis.pk, state=CrisisState.OPEN).exists():
        raise Refused(_("This crisis is closed."))
    person_id: UUID = save().pk
    return Submission.objects.create(crisis=crisis, key=key, person_id=person_id), True


def _digest(as_sent: str) -> bytes:
    return blind_index(_KEY_DOMAIN, as_sent)
