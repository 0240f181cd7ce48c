"""The demo's travellers whom a newcomer can be: one with everything, one entered twice, a group."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from audit.actors import Actor
from geography.models import Place
from notifications.enums import Channel
from registrations import actions
from registrations.answers import (
    OPEN_END,
    Answers,
    CompanionAnswer,
    ContactAnswer,
    FamilyAnswer,
    StayAnswer,
)
from registrations.contacts import indexes_of
from registrations.enums import (
    CompanionConsent,
    ConsentPurpose,
    GroupKind,
    Source,
    StayKind,
    TravelPurpose,
)
from registrations.locating import at_place
from registrations.models import ContactPoint
from registrations.validation import MailAddress

TRAVELLER_MAIL = "lucia@travellers.example"
ORGANISER_MAIL = "school@groups.example"
_NAME = "Lucía Vargas Peña"


def ensure_demo_guests() -> None:
    """Prepare them, once: the traveller's address is the mark."""
    if ContactPoint.objects.filter(
        address_index__in=indexes_of(MailAddress(TRAVELLER_MAIL))
    ).exists():
        return
    by = Actor.system("demo")
    today = timezone.localdate()
    tokyo, kyoto, merida = _city("JP", "Tokyo"), _city("JP", "Kyoto"), _city("MX", "Mérida")
    journey = (
        StayAnswer(
            kind=StayKind.RESIDENCE,
            starts_on=today - dt.timedelta(days=200),
            ends_on=OPEN_END,
            purpose=TravelPurpose.WORK,
            **at_place(tokyo),
        ),
        StayAnswer(
            kind=StayKind.TRIP,
            starts_on=today + dt.timedelta(days=20),
            ends_on=today + dt.timedelta(days=27),
            purpose=TravelPurpose.HOLIDAY,
            **at_place(kyoto),
        ),
    )
    lucia = actions.register(
        by=by,
        answers=Answers(
            name=_NAME,
            language="es",
            contacts=(ContactAnswer(Channel.MAIL, TRAVELLER_MAIL, verified_at=timezone.now()),),
            stays=journey,
            birth_date=dt.date(1991, 4, 12),
            document_number="SOL 482 913",
            needs="Diabetes: insulina dos veces al día.",
            companions=(
                CompanionAnswer(
                    name="Tomás Vargas",
                    is_minor=True,
                    consent=CompanionConsent.GUARDIAN,
                    birth_date=dt.date(2019, 8, 3),
                ),
            ),
            family=(
                FamilyAnswer("Carmen Peña", relationship="madre", mail="carmen@family.example"),
            ),
            consents=frozenset(
                {
                    ConsentPurpose.CRISIS_CONTACT,
                    ConsentPurpose.TELL_FAMILY,
                    ConsentPurpose.ADVICE,
                    ConsentPurpose.NEEDS,
                }
            ),
        ),
    )
    actions.agree_to_relay(
        person_id=lucia.pk, place=tokyo, community="Parroquia latina de Shinjuku", by=by
    )
    # The same woman, as her uncle wrote her name: officers find the two among the likenesses.
    actions.report_person(
        source=Source.RELATIVE,
        name="Lucia Vargas Pena",
        language="es",
        contacts=(),
        stays=journey[:1],
        reporter={"name": "Rubén Peña", "contact": "+12015550199", "relationship": "tío"},
        by=by,
        invite=False,
    )
    _register_school(merida, today, by)


def _register_school(town: Place, today: dt.date, by: Actor) -> None:
    draft = actions.start_draft(
        answers=Answers(
            name="Marta Ríos",
            language="es",
            contacts=(ContactAnswer(Channel.MAIL, ORGANISER_MAIL, verified_at=timezone.now()),),
            stays=(
                StayAnswer(
                    kind=StayKind.TRIP,
                    starts_on=today + dt.timedelta(days=30),
                    ends_on=today + dt.timedelta(days=37),
                    purpose=TravelPurpose.STUDY,
                    **at_place(town),
                ),
            ),
            group_name="Colegio San Martín, 4.º B",
            group_kind=GroupKind.SCHOOL,
        )
    )
    actions.register_group(draft_id=draft.pk, by=by)
    actions.erase_draft(draft_id=draft.pk)


def _city(country: str, name: str) -> Place:
    return Place.objects.filter(country=country, name=name).order_by("-population", "pk")[0]
