"""Who is there and not written to: they answered, left, stopped or took their consent back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.actors import Actor
from crises import actions
from crises.actions import answer_for, stop_for_person
from crises.audience import audience, left_out, reported_audience
from crises.enums import DEFAULT_CLASSES, AnsweredVia, Choice, NoticeKind
from crises.models import Answer, Crisis
from crises.previewing import preview
from crises.settling import Settled, settled
from crises.sources import CrisisSource
from notifications.models import Delivery
from registrations.actions import agree_to_relay, leave_stays, merge_people, withdraw_consent
from registrations.models import Person, Stay
from tests.factories.crises import KATHMANDU, make_crisis, make_frozen, make_people
from tests.factories.registrations import make_places
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisis() -> Crisis:
    return make_crisis()


def window() -> tuple[Any, Any]:
    now = timezone.now()
    return now, now + timedelta(hours=72)


def written_to(crisis: Crisis, kind: NoticeKind = NoticeKind.NOTICE) -> set[Any]:
    found = audience(KATHMANDU, *window(), DEFAULT_CLASSES, kind=kind, crisis_id=crisis.pk)
    return set(found.values_list("person_id", flat=True))


def why(crisis: Crisis, kind: NoticeKind = NoticeKind.NOTICE) -> dict[str, int]:
    return left_out(KATHMANDU, *window(), DEFAULT_CLASSES, crisis_id=crisis.pk, kind=kind)


def answer(crisis: Crisis, person: Person, choice: str) -> None:
    by, via = Actor.traveller(person.pk), AnsweredVia.LINK
    answer_for(crisis=crisis, person_id=person.pk, choice=Choice(choice), via=via, by=by)


def merge(kept: Person, absorbed: Person) -> None:
    merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=Actor.system("tests"))


class TestEachReason:
    def test_who_is_safe(self, crisis):
        person, other = make_people(2)
        answer(crisis, person, "safe")
        assert written_to(crisis) == {other.pk}
        assert why(crisis) == {"safe": 1}

    def test_who_has_left(self, crisis):
        person, other = make_people(2)
        answer(crisis, person, "left")
        assert written_to(crisis) == {other.pk}
        assert why(crisis) == {"left": 1}

    def test_who_left_in_an_exercise_is_left_out_of_it_alone(self):
        drill, crisis = make_crisis(is_drill=True), make_crisis()
        person = make_people(1)[0]
        answer(drill, person, "left")
        assert (written_to(drill), why(drill)) == (set(), {"left": 1})
        assert written_to(crisis) == {person.pk}

    def test_who_said_before_that_they_left(self, crisis):
        person, other = make_people(2)
        Stay.objects.update(starts_on=timezone.now().date() - timedelta(days=3))
        stays = list(person.stays.order_by("pk").values_list("pk", flat=True))
        leave_stays(person_id=person.pk, stay_ids=stays, by=Actor.traveller(person.pk))
        assert written_to(crisis) == {other.pk}
        assert why(crisis) == {"left": 1}

    def test_who_stopped(self, crisis):
        person, other = make_people(2)
        stop_for_person(crisis=crisis, person_id=person.pk)
        assert written_to(crisis) == {other.pk}
        assert why(crisis) == {"stopped": 1}

    def test_who_took_their_consent_back(self, crisis):
        person, other = make_people(2)
        by = Actor.traveller(person.pk)
        withdraw_consent(person_id=person.pk, purpose="crisis_contact", by=by)
        assert written_to(crisis) == {other.pk}
        assert why(crisis) == {"withdrawn": 1}

    def test_each_person_once_by_the_first_reason(self, crisis):
        person = make_people(1)[0]
        answer(crisis, person, "safe")
        stop_for_person(crisis=crisis, person_id=person.pk)
        by = Actor.traveller(person.pk)
        withdraw_consent(person_id=person.pk, purpose="crisis_contact", by=by)
        assert why(crisis) == {"stopped": 1}

    def test_nobody_elsewhere_is_counted(self, crisis):
        person = make_people(1)[0]
        answer(crisis, person, "safe")
        Stay.objects.update(country="CL", cell=613196570331971583)
        assert why(crisis) == {}


class TestWhoStays:
    def test_who_asks_for_help(self, crisis):
        person = make_people(1)[0]
        answer(crisis, person, "need_help")
        assert (written_to(crisis), why(crisis)) == ({person.pk}, {})

    def test_who_was_safe_and_now_asks_for_help(self, crisis):
        person = make_people(1)[0]
        answer(crisis, person, "safe")
        answer(crisis, person, "need_help")
        assert written_to(crisis) == {person.pk}

    def test_who_left_and_now_asks_for_help(self, crisis):
        person = make_people(1)[0]
        answer(crisis, person, "left")
        answer(crisis, person, "need_help")
        assert (written_to(crisis), why(crisis)) == ({person.pk}, {})

    def test_who_is_safe_in_another_crisis(self, crisis):
        person = make_people(1)[0]
        answer(make_crisis(), person, "safe")
        assert written_to(crisis) == {person.pk}

    def test_who_is_silent_is_written_to_again(self, crisis):
        answered, silent = make_people(2)
        first = make_frozen(crisis)
        answer(crisis, answered, "safe")
        second = make_frozen(crisis)
        told = Delivery.objects.filter(message=second.message_id)
        assert (first.frozen_people, second.frozen_people) == (2, 1)
        assert set(told.values_list("subject_id", flat=True)) == {silent.pk}


class TestMerged:
    """Two registrations of one person: their last word counts, under whichever it was said."""

    @pytest.mark.parametrize(
        ("by_kept", "by_absorbed", "is_written_to"),
        [
            ("", "safe", False),
            ("safe", "", False),
            ("", "need_help", True),
            ("safe", "need_help", True),
            ("need_help", "safe", False),
            ("need_help", "need_help", True),
            ("safe", "left", False),
        ],
    )
    def test_the_later_word(self, crisis, by_kept, by_absorbed, is_written_to):
        kept, absorbed = make_people(2)
        for person, choice in ((kept, by_kept), (absorbed, by_absorbed)):
            if choice:
                answer(crisis, person, choice)
        Stay.objects.update(planned_end=None, ends_on=timezone.now().date() + timedelta(days=7))
        merge(kept, absorbed)
        assert written_to(crisis) == ({kept.pk} if is_written_to else set())
        assert sum(why(crisis).values()) == (0 if is_written_to else 1)

    def test_the_earlier_word_of_the_absorbed(self, crisis):
        kept, absorbed = make_people(2)
        answer(crisis, absorbed, "safe")
        answer(crisis, kept, "need_help")
        merge(kept, absorbed)
        assert written_to(crisis) == {kept.pk}

    def test_a_chain(self, crisis):
        last, middle, first = make_people(3)
        answer(crisis, first, "safe")
        merge(middle, first)
        merge(last, middle)
        assert written_to(crisis) == set()
        assert why(crisis) == {"safe": 1}

    def test_stopped_under_the_absorbed(self, crisis):
        kept, absorbed = make_people(2)
        stop_for_person(crisis=crisis, person_id=absorbed.pk)
        merge(kept, absorbed)
        assert (written_to(crisis), why(crisis)) == (set(), {"stopped": 1})

    def test_the_condition_agrees_with_who_is_withheld(self, crisis):
        """`settled` leaves out exactly those whose messages the source withholds."""
        people = make_people(8)
        notice = make_frozen(crisis)
        choices = ["safe", "left", "need_help", "", "safe", "need_help", "", ""]
        for person, choice in zip(people, choices, strict=True):
            if choice:
                answer(crisis, person, choice)
        merge(people[2], people[4])
        merge(people[6], people[5])
        stop_for_person(crisis=crisis, person_id=people[7].pk)
        rows = list(Delivery.objects.filter(message=notice.message_id))
        found = CrisisSource().open([row.recipient_id for row in rows], "crisis", deliveries=rows)
        withheld = {
            row.subject_id
            for row in rows
            if getattr(found[row.recipient_id], "reason", "") in {"answered", "stopped"}
        }
        heads = {person.pk for person in people} - {people[4].pk, people[5].pk}
        out = set(Stay.objects.filter(settled(crisis.pk)).values_list("person_id", flat=True))
        assert out == withheld & heads
        assert out


class TestOthers:
    def test_a_focal_point_who_is_safe_passes_word_on(self):
        place = make_places()["Kathmandu NP"]
        crisis = make_crisis()
        people = make_people(3)
        for person in people:
            by = Actor.traveller(person.pk)
            agree_to_relay(person_id=person.pk, place=place, community="Monastery", by=by)
        for person, choice in zip(people, ["safe", "left", "need_help"], strict=True):
            answer(crisis, person, choice)
        relay = NoticeKind.RELAY
        assert written_to(crisis, relay) == {people[0].pk, people[2].pk}
        assert why(crisis, relay) == {"left": 1}
        stop_for_person(crisis=crisis, person_id=people[0].pk)
        assert written_to(crisis, relay) == {people[2].pk}

    @pytest.mark.parametrize(
        ("choice", "is_warned"), [("safe", False), ("left", False), ("need_help", True)]
    )
    def test_reported_by_others(self, crisis, choice, is_warned):
        reported = make_report()
        answer(crisis, reported, choice)
        found = reported_audience(KATHMANDU, *window(), DEFAULT_CLASSES, crisis_id=crisis.pk)
        assert found.exists() is is_warned

    def test_a_preview_counts_who_would_be_written_to(self, crisis):
        person, _other = make_people(2)
        answer(crisis, person, "safe")
        counted = preview(KATHMANDU, *window(), DEFAULT_CLASSES, crisis_id=crisis.pk)
        assert (counted.people, counted.messages) == (1, 2)

    def test_an_answer_between_approval_and_freeze_is_not_written_to(self, crisis):
        from tests.factories.crises import make_approved

        people = make_people(20)
        notice = make_approved(crisis)
        answer(crisis, people[0], "safe")
        actions.freeze_notice(notice.pk)
        assert not Delivery.objects.filter(
            subject_id=people[0].pk, message__context_id=crisis.pk
        ).exists()

    def test_few_queries_and_none_for_each_answer(self, crisis, django_assert_max_num_queries):
        for person in make_people(6):
            answer(crisis, person, "safe")
        with django_assert_max_num_queries(2):
            Settled.of(crisis.pk)
        assert Answer.objects.count() == 6
