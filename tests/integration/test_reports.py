"""What others say of a person: reported, invited once, adopted by the person or refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from notifications.links import token_for
from notifications.models import Delivery, Message
from notifications.ports import Opened, Withheld, paths_of
from registrations import actions
from registrations.answers import ContactAnswer
from registrations.enums import Source
from registrations.invitations import INVITATION, InvitationSource
from registrations.models import (
    Companion,
    ContactPoint,
    Draft,
    Group,
    Invitation,
    Person,
    PersonKey,
    Report,
)
from tests.factories.registrations import make_answers, make_person, make_places, pin_stay

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")
MAIL = ContactAnswer("mail", "luis@example.org")
SMS = ContactAnswer("sms", "+34600123456")


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


@pytest.fixture
def group() -> Group:
    return Group.objects.create(
        kind="school",
        name="Liceo www.evil.example",
        organiser_name="Marta",
        organiser_mail="marta@example.org",
        organiser_index=b"x" * 32,
        language="es",
        stays=[],
        ends_on=timezone.now().date(),
    )


def report(**changes: Any) -> Person:
    given: dict[str, Any] = {
        "source": Source.GROUP,
        "name": "Luis Soto",
        "language": "es",
        "contacts": [MAIL, SMS],
        "stays": [pin_stay(exact_address="Hotel Luna 7")],
        "by": BY,
    }
    return actions.report_person(**(given | changes))


def link(person: Person) -> str:
    delivery = Delivery.objects.get(subject_id=person.pk, message__purpose=INVITATION)
    return reverse("answer_invitation", args=[token_for(delivery.pk)])


def opened(person: Person) -> Opened | Withheld:
    deliveries = list(Delivery.objects.filter(subject_id=person.pk))
    ids = [row.recipient_id for row in deliveries]
    return InvitationSource().open(ids, INVITATION, deliveries=deliveries)[ids[0]]


def test_a_report_is_no_registration(group):
    person = report(group=group)
    assert person.source == Source.GROUP
    assert person.group_id is None
    assert not person.consents.exists()
    assert not person.contact_points.filter(verified_at__isnull=False).exists()
    assert Report.objects.get(person=person).group == group
    assert PersonKey.objects.filter(person=person).exists()
    assert Entry.objects.filter(action="report.receive").count() == 1


def test_who_has_a_mail_address_is_written_to_there_alone(group):
    person = report(group=group)
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.subject_id) == ("mail", person.pk)
    assert paths_of(INVITATION).link == "/i/"
    assert {text.language for text in Message.objects.get().texts.all()} == {
        "en", "es", "fr", "ar",
    }  # fmt: skip
    found = opened(person)
    assert isinstance(found, Opened)
    assert found.address == "luis@example.org"
    assert found.values["name"] == "Liceo www evil example"  # Nothing to click on but our link.


def test_an_address_is_written_to_once_for_each_group(group):
    for _ in range(3):
        report(group=group, contacts=[MAIL])
    assert Delivery.objects.count() == 1
    report(contacts=[MAIL], source=Source.COMPANION, named_by=make_person())
    assert Delivery.objects.count() == 2


def test_text_messages_are_limited_by_the_day_and_wait(group, settings):
    settings.REGISTRATION_LIMITS = {**settings.REGISTRATION_LIMITS, "sms_codes_per_day": 1}
    report(group=group, contacts=[SMS])
    second = report(group=group, contacts=[ContactAnswer("sms", "+34600123457")])
    assert Delivery.objects.count() == 1
    assert Invitation.objects.get(contact_point__person=second).sent_at is None
    settings.REGISTRATION_LIMITS = {**settings.REGISTRATION_LIMITS, "sms_codes_per_day": 2}
    assert actions.send_invitations() == 1
    assert actions.send_invitations() == 0


def test_what_others_uploaded_signs_nobody_in(group):
    report(group=group)
    draft = actions.start_draft(
        answers=make_answers(
            contacts=(ContactAnswer("mail", "luis@example.org", verified_at=timezone.now()),)
        )
    )
    assert actions.people_proved_by(draft.pk) == []


def test_following_the_link_changes_nothing_and_names_nobody(group):
    person = report(group=group)
    client = Client()
    for _ in range(2):
        answer = client.get(link(person))
    shown = answer.content.decode()
    assert answer.status_code == 200
    for text in ("Luis", "luis@", "600123456", "Hotel Luna", "Liceo"):
        assert text not in shown
    assert answer["Cache-Control"] == "no-store"
    assert not client.cookies
    assert Person.objects.filter(pk=person.pk).exists()
    assert not Draft.objects.exists()


def test_registering_oneself_takes_the_report_over(group):
    person = report(group=group, reporter={"name": "Marta"}, note="Room 4")
    client = Client()
    client.post(link(person), {"choice": "register"})
    draft = Draft.objects.get()
    assert draft.answers["group_id"] == str(group.pk)
    assert draft.answers["contacts"] == []
    assert draft.answers["stays"][0]["exact_address"] == ""
    assert "Luis" not in client.get(reverse("enter_name")).content.decode()

    # They have a proved address of their own, and agree for themselves.
    actions.change_draft(
        draft_id=draft.pk,
        change=lambda answers: make_answers(
            stays=answers.stays, report_id=answers.report_id, group_id=answers.group_id
        ),
    )
    gone = link(person)
    registered = actions.complete_registration(draft=draft, by=BY)
    assert registered.group == group
    moved = Report.objects.get()
    assert (moved.person, moved.note, moved.reporter) == (registered, "Room 4", {"name": "Marta"})
    assert moved.agreed_at
    assert not Person.objects.filter(pk=person.pk).exists()
    assert not ContactPoint.objects.filter(verified_at__isnull=True).exists()
    assert not Delivery.objects.filter(subject_id=person.pk).exists()
    assert client.get(gone).status_code == 410


def test_a_companion_who_agrees_is_tied_to_who_named_them():
    ana = make_person()
    invited = report(source=Source.COMPANION, named_by=ana)
    companion = Companion.objects.create(
        person=ana,
        name="Luis",
        is_minor=False,
        consent="invited",
        text_version="1",
        invited=invited,
    )
    luis = make_person(name="Luis Soto")
    found = Report.objects.get()
    assert actions.adopt_report(report_id=found.pk, person_id=luis.pk, by=BY)
    companion.refresh_from_db()
    assert companion.invited == luis
    assert companion.agreed_at
    assert not actions.adopt_report(report_id=found.pk, person_id=luis.pk, by=BY)
    assert not actions.adopt_report(report_id=uuid4(), person_id=luis.pk, by=BY)


@pytest.mark.django_db(transaction=True)
def test_a_report_refused_while_it_is_adopted_loses_no_registration(group):
    person, luis = report(group=group), make_person(name="Luis Soto")
    found, point = Report.objects.get(), person.contact_points.all()[0]

    def adopt() -> bool:
        try:
            return actions.adopt_report(report_id=found.pk, person_id=luis.pk, by=BY)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            actions.refuse_report(contact_point_id=point.pk, by=BY)
            adopting = pool.submit(adopt)
            with pytest.raises(TimeoutError):
                adopting.result(timeout=1)
        assert adopting.result(timeout=10) is False


def test_a_merged_report_erases_nobody_when_it_is_adopted():
    report(source=Source.RELATIVE)
    shell = Person.objects.get()
    luis = make_person(name="Luis Soto")
    Person.objects.filter(pk=shell.pk).update(merged_into=luis)
    other = make_person(name="Luis again")
    assert not actions.adopt_report(report_id=Report.objects.get().pk, person_id=other.pk, by=BY)
    assert Person.objects.filter(pk=luis.pk).exists()
    assert not actions.refuse_report(
        contact_point_id=shell.contact_points.earliest("channel").pk, by=BY
    )
    assert Person.objects.filter(pk=luis.pk).exists()


def test_refusing_erases_and_is_remembered_for_that_group(group):
    person = report(group=group)
    page = Client().post(link(person), {"choice": "refuse"})
    assert page.status_code == 200
    assert not Person.objects.exists()
    assert not Report.objects.exists()
    again = report(group=group)
    assert not again.contact_points.filter(channel="mail").exists()
    assert actions.has_refused(group=group, contacts=[MAIL])
    assert not Delivery.objects.filter(subject_id=again.pk, channel="mail").exists()


def test_an_answered_report_is_not_written_about(group):
    person = report(group=group)
    Report.objects.update(agreed_at=timezone.now())
    assert opened(person) == Withheld("answered")
    person.contact_points.all().delete()
    assert opened(person) == Withheld("erased")


def test_only_others_report():
    with pytest.raises(ValueError, match="registration"):
        report(source=Source.SELF)


def test_a_link_that_was_not_made_here():
    assert Client().get(reverse("answer_invitation", args=["x" * 43])).status_code == 404
