"""People are reminded of a stay once before it ends, and of a residence every year."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from crises import actions as crisis_actions
from notifications import engine
from notifications.links import link_for
from notifications.models import Delivery, Message
from notifications.templates import placeholders_in
from registrations import actions, tasks
from registrations.actions import reminding
from registrations.answers import OPEN_END
from registrations.models import Person, Stay
from registrations.reminders import awake_zones
from registrations.texts import ending_texts, yearly_texts
from tests.factories.crises import make_crisis
from tests.factories.registrations import make_person, pin_stay
from tests.factories.reminders import MAIL, NOW, PHONE, living, staying
from tests.sinks import Sinks

BY = Actor.system("reminders")
YEAR = dt.timedelta(days=365)


def remind(now: dt.datetime = NOW, **given: Any) -> int:
    return actions.remind_of_ends(by=BY, now=now, **given)


def ask(now: dt.datetime = NOW, **given: Any) -> int:
    return actions.ask_residents(by=BY, now=now, **given)


def end(now: dt.datetime) -> int:
    return actions.end_unanswered(by=BY, now=now)


@pytest.mark.django_db
class TestBeforeAStayEnds:
    @pytest.mark.parametrize(("days_left", "sent"), [(4, 0), (3, 1), (1, 1), (0, 1), (-1, 0)])
    def test_in_its_last_days(self, days_left, sent):
        stay = staying(days_left=days_left)
        assert remind() == sent
        assert list(Delivery.objects.values_list("recipient_id", "subject_id")) == [
            (stay.pk, stay.person_id)
        ] * (sent)

    def test_once_however_often_it_runs(self):
        stay = staying()
        assert remind() == 1
        assert remind() == remind(NOW + dt.timedelta(days=1)) == 0
        stay.refresh_from_db()
        assert stay.reminded_at == NOW
        assert Message.objects.count() == Delivery.objects.count() == 1

    def test_it_is_in_the_ledger_about_everyone(self):
        people = {staying().person_id for _ in range(3)}
        assert remind() == len(people) == 3
        entry = Entry.objects.get(action="reminder.send")
        assert entry.details == {"stays": 3}
        assert entry.subjects.count() == 3

    def test_a_run_that_is_killed_loses_nobody_and_reminds_nobody_twice(self, monkeypatch):
        stays = sorted(staying().pk for _ in range(5))
        send, calls = reminding._send, []

        def fail_at_the_second(*given: Any) -> int:
            calls.append(1)
            done = send(*given)
            if len(calls) == 2:
                raise ConnectionError
            return done

        monkeypatch.setattr(reminding, "_send", fail_at_the_second)
        with pytest.raises(ConnectionError):
            remind(batch=2)
        assert Stay.objects.filter(reminded_at__isnull=False).count() == 2
        assert Delivery.objects.count() == 2
        monkeypatch.undo()
        assert remind(batch=2) == 3
        assert sorted(Delivery.objects.values_list("recipient_id", flat=True)) == stays

    def test_nobody_is_woken(self):
        staying()
        night = NOW.replace(hour=20)
        assert "Asia/Kathmandu" not in awake_zones(night)
        assert remind(night) == 0
        assert remind(NOW + dt.timedelta(hours=24)) == 1

    def test_whoever_has_just_told_us_is_not_asked(self):
        staying(told_days_ago=2)
        assert remind() == 0
        assert remind(NOW + dt.timedelta(days=1)) == 1

    def test_of_a_journey_only_the_last_stage(self):
        first = staying()
        later = pin_stay(starts_on=first.ends_on, ends_on=first.ends_on + dt.timedelta(days=9))
        Stay.objects.filter(person=make_person(stays=(later,)).pk).update(person=first.person_id)
        assert remind() == 0
        # Who lives abroad comes back from a trip: the residence does not go on from it.
        second = staying()
        home = pin_stay(kind="residence", starts_on=dt.date(2020, 1, 1), ends_on=OPEN_END)
        Stay.objects.filter(person=make_person(stays=(home,)).pk).update(person=second.person_id)
        assert remind() == 1

    def test_not_when_they_have_left(self):
        stay = staying()
        actions.leave_stays(person_id=stay.person_id, stay_ids=[stay.pk], by=BY, now=NOW)
        assert remind() == 0

    @pytest.mark.parametrize(
        ("contacts", "channel"),
        [
            ((MAIL, PHONE), "mail"),
            ((PHONE, MAIL), "mail"),
            ((PHONE,), "sms"),
        ],
    )
    def test_the_best_way_to_reach_them(self, contacts, channel):
        staying(contacts=contacts)
        assert remind() == 1
        assert Delivery.objects.get().channel == channel

    def test_what_works_abroad_comes_first(self):
        stay = staying(contacts=(MAIL, PHONE))
        stay.person.contact_points.filter(channel="mail").update(works_abroad=False)
        assert remind() == 1
        assert Delivery.objects.get().channel == "sms"


@pytest.mark.django_db
@pytest.mark.parametrize("make", [staying, living])
class TestNobodyIsWrittenTo:
    def _nothing(self) -> None:
        assert remind() + ask() == 0
        assert not Delivery.objects.exists()

    def test_who_stopped_reminders(self, make):
        assert actions.stop_reminders(person_id=make().person_id, by=BY, now=NOW)
        self._nothing()

    def test_who_was_merged_into_another(self, make):
        other = make_person()
        Person.objects.filter(pk=make().person_id).update(merged_into=other)
        self._nothing()

    def test_who_has_proved_nothing(self, make):
        make().person.contact_points.update(verified_at=None)
        self._nothing()

    def test_whose_only_address_was_replaced(self, make):
        make().person.contact_points.update(replaced_at=NOW)
        self._nothing()

    def test_who_takes_the_consent_back(self, make):
        actions.withdraw_consent(person_id=make().person_id, purpose="crisis_contact", by=BY)
        self._nothing()


@pytest.mark.django_db
class TestEveryYear:
    @pytest.mark.parametrize(("days", "sent"), [(364, 0), (365, 1)])
    def test_after_a_year_without_a_word(self, days, sent):
        living(told_days_ago=days)
        assert ask() == sent

    def test_a_trip_is_not_asked_about(self):
        staying(days_left=400, told_days_ago=500)
        assert ask() == 0

    def test_twice_and_60_days_later_the_stay_ends(self):
        stay = living()
        assert (ask(), ask(), ask(NOW + YEAR - dt.timedelta(days=1))) == (1, 0, 0)
        second = NOW + YEAR
        assert (ask(second), ask(second + YEAR)) == (1, 0)
        over = second + dt.timedelta(days=60)
        assert end(over - dt.timedelta(days=1)) == 0
        assert (end(over), end(over)) == (1, 0)
        stay.refresh_from_db()
        assert (stay.ends_on, stay.planned_end) == (over.date(), OPEN_END)
        assert Entry.objects.get(action="stay.expire").details == {"stays": 1}
        # From here on it is erased as every stay that has ended.
        assert actions.erase_ended_stays(by=BY, now=over + dt.timedelta(days=32)).people == 1

    def test_a_word_begins_the_years_anew(self):
        stay = living()
        ask()
        ask(NOW + YEAR)
        actions.confirm_stays(person_id=stay.person_id, by=BY, now=NOW + YEAR)
        assert end(NOW + 2 * YEAR - dt.timedelta(days=1)) == 0
        assert ask(NOW + 2 * YEAR) == 1
        stay.refresh_from_db()
        assert stay.asked_in_vain == 1

    def test_an_open_crisis_holds_the_end_back(self):
        living()
        ask()
        ask(NOW + YEAR)
        crisis = make_crisis()
        over = NOW + YEAR + dt.timedelta(days=60)
        assert end(over) == 0
        crisis_actions.close_crisis(crisis=crisis, by=crisis.opened_by)
        assert end(over) == 1

    def test_the_years_count_too_for_whoever_may_not_be_asked(self):
        stay = living()
        actions.stop_reminders(person_id=stay.person_id, by=BY, now=NOW)
        assert ask() == ask(NOW + YEAR) == 0
        assert end(NOW + YEAR + dt.timedelta(days=60)) == 1

    def test_who_comes_back_in_time_finds_the_last_day_as_planned(self):
        stay = living()
        ask()
        ask(NOW + YEAR)
        end(NOW + YEAR + dt.timedelta(days=60))
        actions.return_to_stays(person_id=stay.person_id, stay_ids=[stay.pk], by=BY)
        stay.refresh_from_db()
        assert stay.is_open_ended
        assert stay.asked_in_vain == 0

    def test_the_tasks_run_it(self):
        now = timezone.now()
        stay = living()
        Stay.objects.update(confirmed_at=now - YEAR, time_zone=awake_zones(now)[0])
        assert tasks.remind() == 1
        assert tasks.remind() == 0
        Stay.objects.update(asked_in_vain=2, asked_at=now - dt.timedelta(days=60))
        assert tasks.run_retention()
        stay.refresh_from_db()
        assert stay.ends_on == now.date()


@pytest.mark.django_db(transaction=True)
class TestSending:
    def test_a_mail_in_their_language_with_place_days_and_both_links(self, sinks: Sinks):
        now = timezone.now()
        stay = staying()
        Stay.objects.update(
            starts_on=now.date(),
            ends_on=now.date() + dt.timedelta(days=2),
            time_zone=awake_zones(now)[0],
        )
        assert remind(now) == 1
        engine.drain()
        [mail] = sinks.messages()
        row = Delivery.objects.get()
        assert mail["language"] == "es"
        assert link_for(row.pk, "/still/") in mail["body"]
        assert link_for(row.pk, "/stop/") in mail["body"]
        assert "Nepal" in mail["body"]
        assert str(now.year) in mail["body"]
        assert stay.person.name not in mail["body"] + mail["subject"]
        assert mail["headers"]["List-Unsubscribe"] == f"<{link_for(row.pk, '/stop/')}>"
        assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_two_runs_at_once_remind_each_once(self):
        stays = {staying().pk for _ in range(12)}
        sent: list[int] = []

        def run() -> None:
            try:
                sent.append(remind(batch=2))
            finally:
                connection.close()

        runs = [threading.Thread(target=run) for _ in range(3)]
        for each in runs:
            each.start()
        for each in runs:
            each.join()
        # A batch passes over what another has locked, and leaves it to that one.
        remind()
        found = list(Delivery.objects.values_list("recipient_id", flat=True))
        assert len(found) == len(stays)
        assert set(found) == stays

    def test_an_answer_on_the_way_is_heard(self, sinks: Sinks):
        now = timezone.now()
        stays = [living() for _ in range(3)]
        Stay.objects.update(time_zone=awake_zones(now)[0])
        assert ask(now) == 3
        actions.confirm_stays(person_id=stays[0].person_id, by=BY)
        actions.stop_reminders(person_id=stays[1].person_id, by=BY)
        actions.erase_person(person_id=stays[2].person_id, by=BY)
        engine.drain()
        assert sinks.messages() == []
        reasons = Delivery.objects.order_by().values_list("withheld_reason", flat=True)
        # What was about the erased one is gone.
        assert sorted(reasons) == ["answered", "stopped"]


def test_a_text_message_is_short_and_carries_one_link():
    for text in (*ending_texts(), *yearly_texts()):
        words = text.sms.replace("{link}", "").replace("{place}", "Kathmandu, Nepal")
        assert len(words) <= 90, text.language
        assert placeholders_in(text.sms) == {"link", "place"}
        assert placeholders_in(text.body) == {"link", "stop", "place", "days"}
