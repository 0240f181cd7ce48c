"""1. Lawful and fair collection.

Nobody is in the register unless they put themselves there: with an address that they have proved
to be theirs, and after agreeing to be contacted in a crisis. Whom somebody else names is told so,
and by whom, and ends it with one press.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from audit.actors import Actor
from notifications import engine
from notifications.models import Delivery
from registrations import actions, tasks
from registrations.answers import ContactAnswer, FamilyAnswer
from registrations.enums import Source
from registrations.invitations import INVITATION
from registrations.models import FamilyContact, Person
from tests.factories import journey
from tests.factories.crises import make_frozen, make_people
from tests.factories.groups import make_group
from tests.factories.registrations import make_person, make_places, pin_stay
from tests.factories.visits import refused, visit_of
from tests.sinks import Sinks


@pytest.mark.django_db
class TestRegistering:
    @pytest.fixture(autouse=True)
    def world(self) -> None:
        cache.clear()
        make_places()

    def test_goes_no_further_than_an_address_that_is_not_proved(self, client: Client) -> None:
        journey.send(client, "enter_name", journey.WHO, then="confirm_code")
        journey.send(client, "confirm_code", {"code_mail": journey.other_code()})
        for name, typed in (
            ("add_stay", journey.stay()),
            ("enter_people", {}),
            ("give_consents", {"crisis_contact": "on"}),
            ("check_answers", {}),
        ):
            assert client.post(reverse(name), typed)["Location"] == reverse("confirm_code"), name
        assert not Person.objects.exists()

    def test_goes_no_further_without_the_consent_it_rests_on(self, client: Client) -> None:
        journey.prove(client)
        journey.send(client, "add_stay", journey.stay(), then="enter_people")
        journey.send(client, "enter_people", {}, then="give_consents")
        page = journey.send(client, "give_consents", {"advice": "on", "tell_family": "on"})
        assert "Without this we cannot register you" in page
        # Nor by going round the question.
        assert client.post(reverse("check_answers"))["Location"] == reverse("give_consents")
        assert not Person.objects.exists()
        journey.register(client)
        person = Person.objects.get()
        assert person.contact_points.get().verified_at
        assert person.consents.get().purpose == "crisis_contact"


@pytest.mark.django_db(transaction=True)
class TestWhomSomebodyElseNames:
    def test_a_family_contact_reads_who_listed_them_and_is_taken_off_the_list(
        self, client: Client, sinks: Sinks
    ) -> None:
        luz = FamilyAnswer(name="Luz Zorrilla", mail="luz@example.org")
        person = make_person(name="Quirina Zorrilla", family=(luz,))
        assert tasks.tell_families() == 1
        engine.drain()
        [message] = sinks.messages()
        assert "Quirina Zorrilla" in message["body"]
        [link] = [word for word in message["body"].split() if "/listed/" in word]
        page = client.get(link)
        assert page.status_code == 200
        client.post(link)
        left = FamilyContact.objects.get()
        assert left.objected_at
        assert (left.name, left.mail, left.phone) == (None, None, None)
        # And stays off it.
        listed = {"name": "Luz Zorrilla", "mail": "luz@example.org", "language": "es"}
        again = refused(visit_of(person), "add_own_family", **listed)
        assert "did not want to be listed here" in again

    def test_a_school_registers_nobody_who_has_not_agreed(self, sinks: Sinks) -> None:
        registered = make_people(1)[0]
        listed = actions.report_person(
            source=Source.GROUP,
            name="Sol Quiroga",
            language="es",
            contacts=[ContactAnswer("mail", "sol@example.org")],
            stays=[pin_stay()],
            by=Actor.unknown(),
            group=make_group(),
        )
        tasks.send_invitations()
        notice = make_frozen()
        engine.drain()
        told = Delivery.objects.filter(message=notice.message_id)
        assert set(told.values_list("subject_id", flat=True)) == {registered.pk}
        # What reached the one who was listed is the question, and nothing else.
        theirs = Delivery.objects.filter(subject_id=listed.pk)
        assert [row.message.purpose for row in theirs.select_related("message")] == [INVITATION]
