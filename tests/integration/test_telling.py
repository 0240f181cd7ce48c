"""Family contacts learn that they are listed, and by whom; an address, that it was replaced."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from notifications import engine
from notifications.enums import Lane
from notifications.links import link_for
from notifications.models import Delivery, Message
from notifications.templates import placeholders_in
from registrations import actions, tasks
from registrations.actions import telling
from registrations.answers import FamilyAnswer
from registrations.models import ContactPoint, FamilyContact, Person
from registrations.texts import listed_texts, replaced_texts
from tests.factories.registrations import make_answers, make_person
from tests.sinks import Sinks

BY = Actor.system("family")
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
LUZ = FamilyAnswer(name="Luz Pérez", phone="+34600234567", mail="luz@example.org")
OMAR = FamilyAnswer(name="Omar Pérez", phone="+34600234568")
LANDLINE = FamilyAnswer(name="Casa", phone="+34911234567")


def tell(**given: Any) -> int:
    return actions.tell_families(by=BY, **({"now": NOW} | given))


@pytest.mark.django_db
class TestTheQueue:
    def test_each_is_told_once(self):
        make_person(family=(LUZ, OMAR))
        make_person(family=(LUZ,))
        assert (tell(), tell()) == (3, 0)
        assert Message.objects.count() == 1
        assert Delivery.objects.count() == 3
        assert set(FamilyContact.objects.values_list("told_at", flat=True)) == {NOW}
        entry = Entry.objects.get(action="family.tell")
        assert entry.details == {"contacts": 3}
        assert entry.subjects.count() == 2

    def test_by_mail_if_there_is_one(self):
        make_person(family=(LUZ, OMAR))
        tell()
        channels = {
            contact.name: Delivery.objects.get(recipient_id=contact.pk).channel
            for contact in FamilyContact.objects.order_by("pk")
        }
        assert channels == {"Luz Pérez": "mail", "Omar Pérez": "sms"}

    def test_registering_queues_nothing_by_itself(self):
        make_person(family=(LUZ,))
        assert not Message.objects.exists()

    def test_who_knows_already_is_not_told(self):
        actions.register(answers=make_answers(family=(LUZ,)), by=BY, tell=False)
        assert tell() == 0

    def test_one_person_at_once(self):
        person, other = make_person(family=(LUZ, OMAR)), make_person(family=(LUZ,))
        assert actions.tell_family(person_id=person.pk, by=BY) == 2
        assert actions.tell_family(person_id=person.pk, by=BY) == 0
        assert other.family_contacts.get().told_at is None

    def test_a_run_that_is_killed_tells_nobody_twice(self, monkeypatch):
        for _ in range(5):
            make_person(family=(LUZ,))
        freeze, calls = telling.freeze, []

        def fail_at_the_second(*given: Any, **named: Any) -> int:
            calls.append(1)
            done = freeze(*given, **named)
            if len(calls) == 2:
                raise ConnectionError
            return done

        monkeypatch.setattr(telling, "freeze", fail_at_the_second)
        with pytest.raises(ConnectionError):
            tell(batch=2)
        told = FamilyContact.objects.filter(told_at__isnull=False)
        assert told.count() == Delivery.objects.count() == 2
        monkeypatch.undo()
        assert tell(batch=2) == 3
        assert Delivery.objects.values("recipient_id").distinct().count() == 5

    def test_text_messages_wait_for_the_next_day_when_there_are_too_many(self, settings):
        settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"sms_codes_per_day": 2}
        for _ in range(3):
            make_person(family=(OMAR,))
        make_person(family=(LUZ,))
        assert tell() == 3
        assert tell(now=NOW + dt.timedelta(hours=23)) == 0
        assert tell(now=NOW + dt.timedelta(hours=24)) == 1

    def test_the_task_runs_it(self):
        make_person(family=(LUZ,))
        assert tasks.tell_families() == 1


@pytest.mark.django_db
class TestWhoObjected:
    def _objected(self) -> Person:
        person = make_person(family=(LUZ,))
        tell()
        actions.object_to_listing(contact_id=person.family_contacts.get().pk, by=Actor.unknown())
        return person

    def test_is_not_told_again_and_not_kept(self):
        person = self._objected()
        old = person.family_contacts.get()
        FamilyContact.objects.create(
            person=person, name="Luz", mail="luz@example.org", address_index=old.address_index
        )
        assert tell() == 0
        assert list(person.family_contacts.all()) == [old]

    def test_may_be_listed_by_another_person(self):
        self._objected()
        make_person(family=(LUZ,))
        assert tell() == 1

    def test_is_gone_with_the_person(self):
        actions.erase_person(person_id=self._objected().pk, by=BY)
        assert not FamilyContact.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestSending:
    def test_who_listed_them_and_how_to_object(self, sinks: Sinks):
        person = make_person(family=(LUZ, OMAR))
        assert actions.tell_families(by=BY) == 2
        engine.drain()
        messages = {item["channel"]: item for item in sinks.messages()}
        for channel, item in messages.items():
            row = Delivery.objects.get(channel=channel)
            assert person.name in item["body"]
            assert link_for(row.pk, "/listed/") in item["body"]
            assert row.language == "es"
        assert messages["mail"]["language"] == "es"
        # What we must tell somebody is nothing that they can unsubscribe from.
        assert "List-Unsubscribe" not in messages["mail"]["headers"]

    def test_a_landline_gets_no_text_message(self, sinks: Sinks):
        make_person(family=(LANDLINE,))
        assert actions.tell_families(by=BY) == 1
        engine.drain()
        assert Delivery.objects.get().withheld_reason == "not_mobile"

    def test_who_objected_on_the_way_is_not_written_to(self, sinks: Sinks):
        person = make_person(family=(LUZ,))
        actions.tell_families(by=BY)
        actions.object_to_listing(contact_id=person.family_contacts.get().pk, by=Actor.unknown())
        engine.drain()
        assert sinks.messages() == []
        assert Delivery.objects.get().withheld_reason == "objected"

    def test_a_long_name_is_cut(self, sinks: Sinks):
        make_person(name="Maria" * 50, family=(OMAR,))
        actions.tell_families(by=BY)
        engine.drain()
        [sms] = sinks.messages()
        assert len(re.findall("Maria", sms["body"])) < 12

    def test_a_name_makes_no_link(self, sinks: Sinks):
        make_person(name="Win at https://bank.example.com/now", family=(LUZ,))
        actions.tell_families(by=BY)
        engine.drain()
        [mail] = sinks.messages()
        assert "Win at https bank example com now" in mail["body"]

    def test_the_old_address_is_told_and_nothing_else_reaches_it(self, sinks: Sinks):
        person = make_person()
        old = person.contact_points.get()
        assert actions.tell_replaced(contact_point_id=old.pk) is False
        ContactPoint.objects.update(verified_at=None, replaced_at=timezone.now())
        assert actions.tell_replaced(contact_point_id=old.pk) is True
        assert Message.objects.get().lane == Lane.VERIFICATION
        engine.drain()
        [mail] = sinks.messages()
        assert mail["to"] == "ana@example.org"
        assert person.name not in mail["body"]
        assert "List-Unsubscribe" not in mail["headers"]


@pytest.mark.django_db
def test_replaced_addresses_are_erased_after_7_days():
    person = make_person()
    ContactPoint.objects.update(verified_at=None, replaced_at=NOW - dt.timedelta(days=7))
    kept = make_person().contact_points.get()
    assert actions.erase_replaced(by=BY, now=NOW - dt.timedelta(seconds=1)) == 0
    assert actions.erase_replaced(by=BY, now=NOW) == 1
    assert list(ContactPoint.objects.all()) == [kept]
    assert Person.objects.filter(pk=person.pk).exists()
    assert Entry.objects.get(action="contact.erase").details == {"contacts": 1}


def test_text_messages_are_short():
    for text in listed_texts():
        assert placeholders_in(text.sms) == placeholders_in(text.body) == {"name", "link"}
        assert len(text.sms) <= 140, text.language
    for text in replaced_texts():
        assert not placeholders_in(text.sms + text.body)
        assert len(text.sms) <= 160, text.language
