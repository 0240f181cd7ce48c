"""What no stay keeps any more is erased: people, groups, uploads and the traces of messages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from crises import actions as crisis_actions
from notifications.actions import queue_one
from notifications.enums import DeliveryState, Lane, MessageState
from notifications.models import Delivery, Message
from notifications.templates import TextOf
from registrations import actions
from registrations.actions.leftovers import Leftovers
from registrations.enums import Source, UploadState
from registrations.family import FAMILY
from registrations.models import Group, Person, Stay, Upload
from registrations.reminders import REMINDER
from tests.factories.crises import make_frozen, make_people
from tests.factories.registrations import make_person, pin_stay

pytestmark = pytest.mark.django_db
BY = Actor.system("retention")
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def run(now: dt.datetime = NOON) -> Leftovers:
    return actions.erase_leftovers(by=BY, now=now)


def without_stay(last_word: dt.datetime, **changes: Any) -> Person:
    person = make_person(**changes)
    person.stays.all().delete()
    Person.objects.filter(pk=person.pk).update(confirmed_at=last_word)
    return person


class TestPeopleWithoutAStay:
    def test_are_erased_30_days_after_their_last_word(self):
        person = without_stay(NOON - dt.timedelta(days=30))
        staying = make_person()
        assert run().people == 0
        assert run(NOON + dt.timedelta(seconds=1)).people == 1
        assert list(Person.objects.all()) == [staying]
        assert not Person.objects.filter(pk=person.pk).exists()

    def test_what_was_merged_lasts_as_long_as_what_it_became(self):
        kept = make_person()
        shell = without_stay(NOON - dt.timedelta(days=400))
        Person.objects.filter(pk=shell.pk).update(merged_into=kept)
        assert run().people == 0
        actions.erase_person(person_id=kept.pk, by=BY)
        assert not Person.objects.exists()

    def test_an_open_crisis_holds_whoever_was_written_to(self):
        (person,) = make_people(1)
        notice = make_frozen()
        Stay.objects.all().delete()
        later = timezone.now() + dt.timedelta(days=60)
        assert run(later).people == 0
        crisis_actions.close_crisis(crisis=notice.crisis, by=notice.author)
        assert run(later).people == 1
        assert not Person.objects.filter(pk=person.pk).exists()


def test_what_others_reported_goes_with_its_stays():
    """Whoever never answered the invitation is not kept any longer than those who registered."""
    ended = pin_stay(starts_on=dt.date(2026, 10, 1), ends_on=dt.date(2026, 10, 19))
    actions.report_person(
        source=Source.COMPANION,
        name="Omar",
        language="es",
        contacts=(),
        stays=(ended,),
        by=BY,
        invite=False,
    )
    assert actions.erase_ended_stays(by=BY, now=NOON).people == 1
    assert not Person.objects.exists()


def make_group(ends_on: dt.date) -> Group:
    return Group.objects.create(
        kind="school",
        name="Liceo",
        organiser_name="Ana",
        organiser_mail="ana@example.org",
        organiser_index=b"0" * 32,
        language="es",
        stays=[],
        ends_on=ends_on,
    )


def test_groups_end_as_stays_do_and_their_people_stay():
    kept = make_group(NOON.date() - dt.timedelta(days=30))
    gone = make_group(NOON.date() - dt.timedelta(days=31))
    person = make_person()
    Person.objects.filter(pk=person.pk).update(group=gone)
    run()
    assert actions.erase_group_leftovers(by=BY, now=NOON) == 1
    assert list(Group.objects.all()) == [kept]
    person.refresh_from_db()
    assert person.group_id is None


def test_what_a_closed_group_reported_goes_whichever_is_erased_first():
    group = make_group(NOON.date())
    actions.report_person(
        source=Source.GROUP,
        name="Omar",
        language="es",
        contacts=(),
        stays=(pin_stay(),),
        by=BY,
        group=group,
    )
    actions.close_group(group_id=group.pk, by=BY)
    run()
    assert actions.erase_group_leftovers(by=BY, now=NOON) == 1
    assert not Person.objects.exists()


def test_uploads_are_erased_when_they_expire():
    group = make_group(NOON.date())
    for hours in (0, 1):
        Upload.objects.create(
            group=group, language="es", expires_at=NOON + dt.timedelta(hours=hours)
        )
    taking = Upload.objects.create(
        group=group, language="es", expires_at=NOON, state=UploadState.TAKING
    )
    run()
    actions.erase_group_leftovers(by=BY, now=NOON)
    assert Upload.objects.count() == 2
    assert Upload.objects.filter(pk=taking.pk).exists()


class TestMessages:
    def _sent(self, purpose: str, recipient_id: Any, **changes: Any) -> Message:
        message = queue_one(
            purpose=purpose,
            lane=Lane.ADVICE,
            recipient_id=recipient_id,
            subject_id=None,
            channel="mail",
            language="es",
            texts=[TextOf("es", "s", "b")],
            expires_at=NOON,
        )
        message.deliveries.update(state=DeliveryState.ACCEPTED, due_at=None)
        Message.objects.filter(pk=message.pk).update(
            **{"state": MessageState.DONE, "created_at": NOON} | changes
        )
        return message

    def test_go_with_what_they_were_about(self):
        person = make_person()
        stay, contact = person.stays.get(), person.family_contacts.get()
        self._sent(REMINDER, stay.pk)
        self._sent(FAMILY, contact.pk)
        crisis = self._sent("crisis", stay.pk)
        assert run().messages == 0
        actions.erase_person(person_id=person.pk, by=BY)
        assert run().messages == 2
        assert list(Message.objects.all()) == [crisis]
        assert Delivery.objects.count() == 1

    def test_codes_are_kept_for_30_days(self):
        draft = make_person().pk
        self._sent("verification", draft, created_at=NOON - dt.timedelta(days=30))
        assert Message.objects.count() == 1
        run()
        assert Message.objects.count() == 1
        run(NOON + dt.timedelta(seconds=1))
        assert not Message.objects.exists()

    def test_what_is_still_to_be_sent_waits(self):
        person = make_person()
        message = self._sent(REMINDER, person.stays.get().pk, state=MessageState.SENDING)
        message.deliveries.update(state=DeliveryState.QUEUED, due_at=NOON)
        actions.erase_person(person_id=person.pk, by=BY)
        run()
        assert Delivery.objects.count() == 1


def test_the_run_is_in_the_ledger():
    without_stay(timezone.now() - dt.timedelta(days=31))
    assert actions.erase_leftovers(by=BY).people == 1
    entry = Entry.objects.get(action="retention.run")
    assert entry.details == {"people": 1, "messages": 0}
