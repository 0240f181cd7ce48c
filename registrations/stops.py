"""The stops that registrations itself offers: of reminders, and of advice."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from registrations import actions
from registrations.actions.changing import has_consent
from registrations.enums import ConsentPurpose
from registrations.models import Person
from registrations.reminders import REMINDER
from registrations.stopping import Stop, bind_stop


def bind_stops() -> None:
    bind_stop(
        REMINDER,
        Stop(
            question=_(
                "You will get no more reminders of your stays. A residence that you do not confirm "
                "yourself is erased after two years. Crisis notices still reach you."
            ),
            done=_("You get no more reminders. Crisis notices still reach you."),
            has_stopped=_without_reminders,
            act=_stop_reminders,
            undo=_resume_reminders,
        ),
    )
    bind_stop(
        "advice",
        Stop(
            question=_(
                "You will get no more advice about the places you go to. Crisis notices still "
                "reach you."
            ),
            done=_("You get no more advice. Crisis notices still reach you."),
            has_stopped=_without_advice,
            act=_stop_advice,
        ),
    )


def _without_reminders(person_id: UUID) -> bool:
    return not Person.objects.filter(pk=person_id, reminders_stopped_at__isnull=True).exists()


def _stop_reminders(person_id: UUID, by: Actor) -> bool:
    return actions.stop_reminders(person_id=person_id, by=by)


def _resume_reminders(person_id: UUID, by: Actor) -> bool:
    return actions.resume_reminders(person_id=person_id, by=by)


def _without_advice(person_id: UUID) -> bool:
    return not has_consent(person_id, ConsentPurpose.ADVICE)


def _stop_advice(person_id: UUID, by: Actor) -> bool:
    return actions.withdraw_consent(person_id=person_id, purpose=ConsentPurpose.ADVICE, by=by)
