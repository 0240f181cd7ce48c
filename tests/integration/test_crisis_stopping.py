"""Stopping the messages of one crisis, leaving its area, and links that outlive a merge."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from audit.models import Entry
from crises import actions
from crises.audience import audience
from crises.enums import DEFAULT_CLASSES, ReadingReason
from crises.models import Answer, Notice, Stopped
from crises.reporting import live_figures
from crises.retention import held_by_open_crises
from crises.sources import CrisisSource
from notifications.models import Delivery
from notifications.ports import Withheld, paths_of
from registrations.actions import merge_people
from registrations.answers import ContactAnswer
from registrations.models import Person, Stay
from tests.factories.accounts import make_coordinator
from tests.factories.crises import KATHMANDU, make_crisis, make_frozen, make_people, token_of
from tests.factories.crisis_forms import arrived, register
from tests.factories.registrations import country_stay, make_person, pin_stay, today

pytestmark = pytest.mark.django_db


def reasons(notice: Notice) -> dict[object, str]:
    """Why each recipient of a notice would get nothing now; "" for who would."""
    rows = list(Delivery.objects.filter(message=notice.message).order_by("pk"))
    opened = CrisisSource().open([row.recipient_id for row in rows], "crisis", deliveries=rows)
    return {
        row.subject_id: one.reason if isinstance(one, Withheld) else ""
        for row in rows
        for one in [opened[row.recipient_id]]
    }


class TestStopping:
    @pytest.fixture
    def sent(self):
        one, other = make_people(2)
        notice = make_frozen()
        return notice, one, other, f"/a/stop/{token_of(notice, one)}/"

    def test_the_notice_says_how_by_mail_only(self, sent):
        notice = sent[0]
        assert paths_of("crisis").stop == "/a/stop/"
        for text in notice.message.texts.all():
            assert text.body.rstrip().endswith("{stop}")
            assert "{stop}" not in text.sms

    def test_the_answer_page_leads_there(self, client, sent):
        notice, one, _other, address = sent
        page = client.get(f"/a/{token_of(notice, one)}/?language=en").content.decode()
        assert f'href="{address}?language=en"' in page

    def test_fetching_changes_nothing(self, client, sent):
        for _time in range(2):
            shown = client.get(f"{sent[3]}?language=en")
            assert shown.status_code == 200
            client.head(sent[3])
        page = shown.content.decode()
        assert sent[0].area.label in page
        assert 'href="tel:+97714411223"' in page
        assert len(shown.content) < 12_000
        assert not shown.cookies
        assert not Stopped.objects.exists()

    def test_a_tap_stops_this_crisis_for_this_person_only(self, client, sent):
        notice, one, other, address = sent
        assert client.post(address).status_code == 302
        assert list(Stopped.objects.values_list("crisis", "person_id")) == [
            (notice.crisis.pk, one.pk)
        ]
        assert reasons(notice) == {one.pk: "stopped", other.pk: ""}
        left = Delivery.objects.filter(subject_id=one.pk)
        assert set(left.values_list("state", "error_code")) == {("cancelled", "stopped")}
        assert "no more messages" in client.get(f"{address}?language=en").content.decode()
        elsewhere = make_frozen(make_crisis(title="Fire in Kathmandu"))
        assert reasons(elsewhere) == {one.pk: "", other.pk: ""}

    def test_in_the_middle_of_sending_it_counts_for_the_next_batch(self, client, sent):
        _notice, one, _other, address = sent
        rows = list(Delivery.objects.filter(subject_id=one.pk))  # Claimed before the tap.
        client.post(address)
        found = CrisisSource().open([row.recipient_id for row in rows], "crisis", deliveries=rows)
        assert set(found.values()) == {Withheld("stopped")}

    def test_later_notices_of_the_crisis_leave_them_out(self, client, sent):
        notice, _one, other, address = sent
        client.post(address)
        Notice.objects.update(state="sent", finished_at=timezone.now())
        later = make_frozen(notice.crisis)
        assert reasons(later) == {other.pk: ""}

    def test_undo(self, client, sent):
        notice, one, other, address = sent
        client.post(address)
        client.post(address, {"undo": "1"})
        assert not Stopped.objects.exists()
        assert reasons(notice) == {one.pk: "", other.pk: ""}
        actions_taken = Entry.objects.filter(
            action__in=["crisis.stop_for_person", "crisis.undo_stop"]
        )
        assert actions_taken.count() == 2

    def test_twice_is_once(self, client, sent):
        for _time in range(3):
            client.post(sent[3])
        assert Stopped.objects.count() == 1
        assert Entry.objects.filter(action="crisis.stop_for_person").count() == 1

    def test_a_mail_program_s_own_post_stops(self, client, sent):
        client.post(sent[3], {"List-Unsubscribe": "One-Click"})
        assert Stopped.objects.count() == 1

    def test_the_live_page_counts_them_apart(self, client, sent):
        notice, one, _other, address = sent
        assert live_figures(notice).silent == 2
        client.post(address)
        figures = live_figures(notice)
        assert (figures.stopped, figures.silent) == (1, 1)
        actions.record_answer(token=token_of(notice, one), choice="safe")
        figures = live_figures(notice)
        assert (figures.stopped, figures.silent, figures.safe) == (1, 1, 1)

    @pytest.mark.parametrize("token", ["x", "A" * 43])
    def test_a_link_that_we_did_not_make(self, client, token):
        assert client.get(f"/a/stop/{token}/").status_code == 404
        assert client.post(f"/a/stop/{token}/").status_code == 404


class TestLeaving:
    @pytest.fixture
    def sent(self):
        person = make_person(
            contacts=(ContactAnswer("mail", "ana@example.org", verified_at=timezone.now()),),
            stays=(
                pin_stay(),
                pin_stay(28.9, 83.9),
                replace(pin_stay(), starts_on=today() + dt.timedelta(days=3)),
                country_stay("CL"),
            ),
        )
        return make_frozen(), person

    def ended(self, person: Person) -> list[Stay]:
        return list(person.stays.filter(planned_end__isnull=False))

    def answer(self, sent, choice: str) -> Answer:
        notice, person = sent
        return actions.record_answer(token=token_of(notice, person), choice=choice)

    def test_the_stay_there_ends_today_and_no_other(self, sent):
        _notice, person = sent
        answer = self.answer(sent, "left")
        stay = self.ended(person)
        assert [one.pk for one in stay] == answer.left_stays
        assert len(stay) == 1
        assert abs((stay[0].ends_on - today()).days) <= 1  # By the calendar there.
        assert stay[0].planned_end == today() + dt.timedelta(days=7)
        assert Entry.objects.filter(action="stay.leave").count() == 1

    def test_another_answer_brings_it_back(self, sent):
        _notice, person = sent
        before = {stay.pk: stay.ends_on for stay in person.stays.all()}
        self.answer(sent, "left")
        answer = self.answer(sent, "need_help")
        assert answer.left_stays == []
        assert {stay.pk: stay.ends_on for stay in person.stays.all()} == before
        assert Entry.objects.filter(action="stay.return").count() == 1

    def test_the_same_answer_with_a_note_ends_nothing_twice(self, sent):
        notice, person = sent
        first = self.answer(sent, "left")
        second = actions.record_answer(token=token_of(notice, person), choice="left", note="By bus")
        assert second.left_stays == first.left_stays
        assert Entry.objects.filter(action="stay.leave").count() == 1
        self.answer(sent, "safe")
        assert not self.ended(person)

    def test_safe_ends_nothing(self, sent):
        self.answer(sent, "safe")
        assert not self.ended(sent[1])

    def test_a_stay_that_they_had_ended_before_does_not_come_back(self, sent):
        _notice, person = sent
        inside = person.stays.get(pk=self.answer(sent, "left").left_stays[0])
        self.answer(sent, "safe")
        Stay.objects.filter(pk=inside.pk).update(ends_on=today(), planned_end=inside.planned_end)
        assert self.answer(sent, "left").left_stays == []

    def test_a_stay_known_by_its_country_ends_only_where_the_notice_was_meant_for_it(self):
        person = make_person(stays=(pin_stay(), country_stay("NP")))
        notice = make_frozen()
        answer = actions.record_answer(token=token_of(notice, person), choice="left")
        kept = person.stays.get(precision="country")
        assert kept.planned_end is None
        actions.record_answer(token=token_of(notice, person), choice="safe")
        Notice.objects.update(classes=["inside", "somewhere", "confirmed"])
        answer = actions.record_answer(token=token_of(notice, person), choice="left")
        assert kept.pk in answer.left_stays

    def test_an_exercise_ends_nobody_s_stay(self):
        person = make_people(1)[0]
        notice = make_frozen(make_crisis(is_drill=True))
        assert actions.record_answer(token=token_of(notice, person), choice="left").left_stays == []
        assert not self.ended(person)

    def test_the_page_says_so(self, client, sent):
        notice, person = sent
        address = f"/a/{token_of(notice, person)}/"
        client.post(address, {"choice": "left"})
        assert "now ends today" in client.get(f"{address}?language=en").content.decode()


class TestMerged:
    @pytest.fixture
    def merged(self):
        kept, absorbed = make_people(2)
        notice = make_frozen()
        token = token_of(notice, absorbed)
        return notice, kept, absorbed, token

    def merge(self, kept: Person, absorbed: Person) -> None:
        merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=make_coordinator())

    def test_an_old_link_answers_for_the_kept_person(self, merged):
        notice, kept, absorbed, token = merged
        self.merge(kept, absorbed)
        answer = actions.record_answer(token=token, choice="safe")
        assert answer.person_id == kept.pk
        assert set(reasons(notice).values()) == {"answered"}

    def test_an_answer_from_before_still_counts(self, merged):
        notice, kept, absorbed, token = merged
        actions.record_answer(token=token, choice="safe")
        self.merge(kept, absorbed)
        assert set(reasons(notice).values()) == {"answered"}
        actions.record_answer(token=token_of(notice, kept), choice="need_help")
        assert set(reasons(notice).values()) == {""}

    def test_stopping_too(self, client, merged):
        notice, kept, absorbed, token = merged
        self.merge(kept, absorbed)
        client.post(f"/a/stop/{token}/")
        assert Stopped.objects.get().person_id == kept.pk
        assert set(reasons(notice).values()) == {"stopped"}

    def test_the_page_shows_the_answer_that_stands(self, client, merged):
        notice, kept, absorbed, token = merged
        self.merge(kept, absorbed)
        actions.record_answer(token=token_of(notice, kept), choice="need_help")
        assert "I need help" in client.get(f"/a/{token}/?language=en").content.decode()

    def test_what_was_stopped_before_is_shown_and_can_be_taken_back(self, client, merged):
        notice, kept, absorbed, token = merged
        client.post(f"/a/stop/{token}/")
        self.merge(kept, absorbed)
        assert set(reasons(notice).values()) == {"stopped"}
        address = f"/a/stop/{token_of(notice, kept)}/?language=en"
        assert "no more messages" in client.get(address).content.decode()
        client.post(address, {"undo": "1"})
        assert set(reasons(notice).values()) == {""}

    def test_who_asked_for_help_is_opened_as_the_registration_that_stands(self, merged):
        notice, kept, absorbed, token = merged
        actions.record_answer(token=token, choice="need_help", note="Third floor")
        self.merge(kept, absorbed)
        actions.record_answer(token=token_of(notice, kept), choice="safe")
        for person_id in (absorbed.pk, kept.pk):
            found = actions.read_person_in_crisis(
                crisis=notice.crisis,
                person_id=person_id,
                reason=ReadingReason.SILENT,
                by=notice.crisis.opened_by,
            )
            assert found["id"] == kept.pk
            assert found["stays"]
            assert found["answer"].note == "Third floor"

    def test_an_answer_from_before_holds_the_stays_that_were_moved(self, merged):
        _notice, kept, absorbed, token = merged
        actions.record_answer(token=token, choice="need_help")
        Delivery.objects.filter(subject_id=kept.pk).delete()
        self.merge(kept, absorbed)
        Stay.objects.update(country="CL", cell=None, place=None, precision="country")
        stays = list(Stay.objects.filter(person=kept))
        assert held_by_open_crises(stays).keys() == {stay.pk for stay in stays}

    def test_whoever_registered_in_the_crisis_counts_as_there_after_a_merge(self, client, merged):
        notice, kept, _absorbed, _token = merged
        crisis = notice.crisis
        Stay.objects.all().delete()
        register(client, crisis)
        self.merge(kept, arrived())
        now = timezone.now()
        window = (KATHMANDU, now, now + dt.timedelta(hours=72), DEFAULT_CLASSES)
        found = audience(*window, crisis_id=crisis.pk)
        assert set(found.values_list("person_id", flat=True)) == {kept.pk}
        answer = actions.record_answer(token=token_of(notice, kept), choice="left")
        assert answer.left_stays == [kept.stays.get().pk]
