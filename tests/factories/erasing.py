"""Someone of whom every table knows something, through what the portal itself does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from audit.actors import Actor
from crises import actions as crisis_actions
from crises.enums import AnsweredVia, Choice
from crises.models import Notice
from notifications.models import Delivery
from registrations import actions
from registrations.answers import CompanionAnswer, ContactAnswer, FamilyAnswer
from registrations.enums import ConsentPurpose, Source
from registrations.models import Group, Person
from registrations.proof.needles import Needles, needles_of
from registrations.proof.proving import Progress, Proof, prove
from tests.factories.crises import make_frozen
from tests.factories.groups import make_group
from tests.factories.registrations import (
    make_answers,
    make_person,
    make_places,
    pin_stay,
    place_stay,
)
from tests.factories.visits import visit_of

BY = Actor.system("tests")
MAIL, MOBILE = "quirina@example.org", "+34600123987"


@dataclass(slots=True)
class Planted:
    """Everybody and everything that the person has to do with."""

    person: Person
    shell: Person
    companion: Person
    relative: Person
    other: Person
    group: Group
    notice: Notice
    visit: Client
    needles: Needles


def plant(*, ask_for_help: bool = False) -> Planted:
    """Someone with everything, and beside them those who must be left alone."""
    places = make_places()
    group = make_group()
    other = make_person(contacts=(mail("other@example.org"),), name="Other Person")
    person = make_person(
        name="Quirina Zorrilla",
        contacts=(mail(MAIL), ContactAnswer("sms", MOBILE, verified_at=timezone.now())),
        document_number="QZ-778899",
        needs="Insulin twice a day",
        gender="female",
        home_region="Oaxaca",
        birth_date=dt.date(1984, 2, 1),
        group_id=str(group.pk),
        stays=(
            pin_stay(exact_address="Calle Xochimilco 7"),
            place_stay(places["Kathmandu NP"], aboard_or_with="Fundación Zorrilla"),
        ),
        family=(
            FamilyAnswer(name="Luz Zorrilla", relationship="mother", phone="+34911765432"),
            FamilyAnswer(name="Sol Zorrilla", mail="sol@example.org"),
        ),
        companions=(
            CompanionAnswer(name="Benito Zorrilla", is_minor=True, consent="guardian"),
            CompanionAnswer(
                name="Carmen Zorrilla",
                is_minor=False,
                consent="invited",
                mail="carmen@example.org",
            ),
        ),
        consents=frozenset(ConsentPurpose.values),
    )
    shell = make_person(name="Quirina Zorilla", contacts=(mail(MAIL),), family=())
    notice = make_frozen()
    for identifier in (person.pk, shell.pk):
        crisis_actions.answer_for(
            crisis=notice.crisis,
            person_id=identifier,
            choice=Choice.NEED_HELP if ask_for_help else Choice.SAFE,
            via=AnsweredVia.LINK,
            by=Actor.traveller(identifier),
            delivery_id=_delivery_of(identifier),
            note="Quirina here",
            whereabouts="Roof of the school",
        )
    crisis_actions.stop_for_person(crisis=notice.crisis, person_id=person.pk)
    actions.merge_people(kept_id=person.pk, absorbed_id=shell.pk, by=BY)
    actions.part_people(first_id=person.pk, second_id=other.pk, by=BY)
    actions.tell_families(by=BY)
    actions.agree_to_relay(
        person_id=person.pk, place=places["Kathmandu NP"], community="Thamel", by=BY
    )
    relative = actions.report_person(
        source=Source.RELATIVE,
        name="Tomás Lejano",
        language="es",
        contacts=(mail("tomas@example.org", proved=False),),
        stays=(pin_stay(),),
        by=Actor.unknown(),
        crisis_id=notice.crisis_id,
        reporter={"name": "Quirina Zorrilla", "contact": f"{MOBILE}, {MAIL}"},
    )
    draft = actions.start_draft(answers=make_answers(contacts=(ContactAnswer("mail", MAIL),)))
    actions.send_code(draft_id=draft.pk, channel="mail", network="192.0.2.0/24")
    companion = Person.objects.get(source=Source.COMPANION)
    visit = visit_of(person)
    assert Session.objects.count() >= 1
    return Planted(
        person, shell, companion, relative, other, group, notice, visit, needles_of(person.pk)
    )


def look(planted: Planted) -> Proof:
    """The whole proof for the planted person, tables written anew where need be."""
    gone = frozenset({planted.person.pk, planted.shell.pk})
    return prove(planted.needles, gone=gone, progress=Progress(), rewrite=True)


def places_of(proof: Proof) -> set[str]:
    return {f"{one.where}.{one.column}" for one in proof.found}


def mail(address: str, *, proved: bool = True) -> ContactAnswer:
    return ContactAnswer("mail", address, verified_at=timezone.now() if proved else None)


def _delivery_of(person_id: UUID) -> UUID:
    found: UUID = Delivery.objects.filter(subject_id=person_id).values_list("pk", flat=True)[0]
    return found
