"""People whom others reported: left out, save in mortal danger, by an approver, once a crisis."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from crises import actions
from crises.enums import NoticeState, Severity, Urgency
from crises.models import Crisis, Notice
from crises.sources import CrisisSource
from crises.texts import why_written_to
from notifications.enums import DeliveryState
from notifications.links import token_for
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations.actions import withdraw_consent
from registrations.models import ContactPoint, FamilyContact, Person, Report
from tests.factories.crises import (
    area_of,
    make_crisis,
    make_notice,
    make_people,
    make_submitted,
    second_officer,
)
from tests.factories.crisis_pages import signed_in
from tests.factories.reports import mail, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registered() -> list[Person]:
    return make_people(2)


@pytest.fixture
def reported() -> Person:
    return make_report()


@pytest.fixture
def crisis() -> Crisis:
    return make_crisis()


def approve(notice: Notice, *, vital: bool = True) -> Notice:
    actions.approve_notice(notice=notice, by=second_officer(notice), vital_interest=vital)
    actions.freeze_notice(notice.pk)
    notice.refresh_from_db()
    return notice


def again(crisis: Crisis) -> Notice:
    return make_submitted(crisis)


def rows_of(notice: Notice, person: Person) -> list[Delivery]:
    return list(Delivery.objects.filter(message=notice.message_id, subject_id=person.pk))


def opened(notice: Notice, *people: Person) -> dict[Any, Opened | Withheld]:
    rows = [row for person in people for row in rows_of(notice, person)]
    ids = [row.recipient_id for row in rows]
    return CrisisSource().open(ids, "crisis", deliveries=rows)


def counted(crisis: Crisis) -> tuple[int, int]:
    notice = make_notice(crisis)
    found = actions.preview_audience(
        crisis=crisis,
        area=area_of(crisis),
        window_start=notice.window_start,
        window_end=notice.window_end,
        classes=notice.classes,
        by=crisis.opened_by,
    )
    return found.people, found.reported_people


class TestTheClass:
    def test_is_a_figure_of_its_own(self, crisis, reported):
        assert counted(crisis) == (2, 1)

    def test_stays_out_unless_it_is_included(self, crisis, reported):
        notice = approve(make_submitted(crisis), vital=False)
        assert (notice.state, notice.frozen_people) == (NoticeState.SENDING, 2)
        assert rows_of(notice, reported) == []

    def test_elsewhere_counts_nobody(self, crisis):
        from tests.factories.registrations import pin_stay

        make_report(stays=(pin_stay(-33.4, -70.6, country="CL", time_zone="America/Santiago"),))
        assert counted(crisis) == (2, 0)

    def test_nor_whoever_refused(self, crisis, reported):
        Report.objects.filter(person=reported).update(refused_at=timezone.now())
        assert counted(crisis) == (2, 0)

    def test_nor_whoever_took_their_word_back(self, crisis, registered):
        person = registered[0]
        by = Actor.traveller(person.pk)
        withdraw_consent(person_id=person.pk, purpose="crisis_contact", by=by)
        ContactPoint.objects.filter(person=person).update(verified_at=None)
        assert counted(crisis) == (1, 0)

    def test_nor_an_address_whose_owner_took_their_word_back(self, crisis, registered):
        by = Actor.traveller(registered[0].pk)
        withdraw_consent(person_id=registered[0].pk, purpose="crisis_contact", by=by)
        make_report(contacts=(mail("person0@example.org"),))
        assert counted(crisis) == (1, 0)

    def test_nor_an_address_whose_owner_stopped_this_crisis(self, crisis, registered):
        """Said as themselves, it holds for what a relative says of them as well."""
        make_report(contacts=(mail("person0@example.org"),))
        assert counted(crisis) == (2, 1)
        actions.stop_for_person(crisis=crisis, person_id=registered[0].pk)
        assert counted(crisis)[1] == 0
        assert counted(make_crisis(title="Earthquake"))[1] == 1

    def test_nor_an_address_that_objected_to_being_listed(self, crisis, registered, reported):
        index = reported.contact_points.get().address_index
        FamilyContact.objects.create(
            person=registered[0], address_index=index, objected_at=timezone.now()
        )
        assert counted(crisis) == (2, 0)

    def test_nor_a_report_that_was_merged(self, crisis, registered, reported):
        Person.objects.filter(pk=reported.pk).update(merged_into=registered[0])
        assert counted(crisis) == (2, 0)

    def test_who_registered_in_the_crisis_and_proved_nothing_belongs_to_it(self, crisis):
        person = make_people(1)[0]
        ContactPoint.objects.filter(person=person).update(verified_at=None)
        people, reported_people = counted(crisis)
        assert (people, reported_people) == (3, 1)


class TestTheApproversDecision:
    def test_takes_them_in_and_says_so_in_the_ledger(self, crisis, reported):
        notice = make_submitted(crisis)
        assert (notice.reported_people, notice.reported_messages) == (1, 1)
        notice = approve(notice)
        assert (notice.vital_interest, notice.approved_count) == (True, 5)
        assert (notice.frozen_count, notice.frozen_people) == (5, 3)
        entry = Entry.objects.get(action="notice.vital_interest")
        assert entry.details["people"] == 1
        assert entry.details["basis"] == "vital_interest"
        assert Entry.objects.get(action="notice.freeze").details["vital_interest"] == 1

    @pytest.mark.parametrize(
        "facts", [{"urgency": Urgency.EXPECTED}, {"severity": Severity.MODERATE}]
    )
    def test_is_refused_where_no_life_is_in_danger(self, crisis, reported, facts):
        notice = make_submitted(crisis, **facts)
        with pytest.raises(actions.Refused, match="never agreed"):
            approve(notice)
        with pytest.raises(IntegrityError, match="vital_interest_only"), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(
                vital_interest=True, approver=second_officer(notice)
            )

    def test_is_refused_in_an_exercise(self, reported):
        """Nobody is in danger in one."""
        notice = make_submitted(make_crisis(is_drill=True))
        page = signed_in(second_officer(notice)).get(reverse("review_notice", args=[notice.pk]))
        assert 'name="vital_interest"' not in page.content.decode()
        with pytest.raises(actions.Refused, match="never agreed"):
            approve(notice)
        with pytest.raises(actions.Refused, match="never agreed"):
            actions.break_glass(
                notice=notice, reason="To see it work.", by=notice.author, vital_interest=True
            )

    def test_the_database_wants_an_approver(self, crisis, reported):
        notice = make_submitted(crisis)
        with pytest.raises(IntegrityError, match="vital_interest_only"), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(vital_interest=True)

    def test_who_sends_alone_may_decide_so(self, crisis, reported):
        notice = make_submitted(crisis)
        notice = actions.break_glass(
            notice=notice, reason="The dam has broken.", by=notice.author, vital_interest=True
        )
        assert notice.vital_interest
        assert Entry.objects.filter(action="notice.vital_interest").count() == 1

    def test_falls_when_the_notice_goes_back(self, crisis, reported):
        notice = make_submitted(crisis)
        actions.approve_notice(notice=notice, by=second_officer(notice), vital_interest=True)
        make_people(5)
        assert actions.freeze_notice(notice.pk) == NoticeState.SUBMITTED
        notice.refresh_from_db()
        assert (notice.vital_interest, notice.approver) == (False, None)
        assert (notice.previewed_people, notice.reported_people) == (7, 1)


class TestWhatIsSent:
    def test_they_read_why_and_nobody_else_does(self, crisis, reported, registered):
        notice = approve(make_submitted(crisis))
        found = opened(notice, reported, *registered)
        values = {pk: one.values["why"] for pk, one in found.items() if isinstance(one, Opened)}
        assert len(values) == 5
        [row] = rows_of(notice, reported)
        assert values.pop(row.recipient_id) == why_written_to("es", "mail")
        assert set(values.values()) == {""}
        assert notice.message is not None
        body = notice.message.texts.get(language="en").body
        assert "{why}Follow the authorities." in body

    def test_a_notice_without_it_opens_none_of_them(self, crisis, reported):
        notice = approve(make_submitted(crisis))
        Notice.objects.filter(pk=notice.pk).update(vital_interest=False)
        [found] = opened(notice, reported).values()
        assert isinstance(found, Withheld)

    @pytest.mark.parametrize("how", ["refused", "erased", "stopped", "objected"])
    def test_what_they_say_meanwhile_counts(self, how, crisis, reported, registered):
        notice = approve(make_submitted(crisis))
        rows = rows_of(notice, reported)
        if how == "refused":
            Report.objects.filter(person=reported).update(refused_at=timezone.now())
        elif how == "erased":
            reported.delete()
        elif how == "stopped":
            actions.stop_for_person(crisis=crisis, person_id=reported.pk)
        else:
            FamilyContact.objects.create(
                person=registered[0],
                address_index=reported.contact_points.get().address_index,
                objected_at=timezone.now(),
            )
        ids = [row.recipient_id for row in rows]
        [found] = CrisisSource().open(ids, "crisis", deliveries=rows).values()
        assert isinstance(found, Withheld)

    def test_once_in_a_crisis(self, crisis, reported):
        first = approve(make_submitted(crisis))
        Delivery.objects.filter(message=first.message).update(
            state=DeliveryState.ACCEPTED, due_at=None
        )
        second = again(crisis)
        assert second.reported_people == 0
        second = approve(second)
        assert rows_of(second, reported) == []

    def test_two_that_were_fixed_together_reach_them_once(self, crisis, reported):
        first, second = make_submitted(crisis), make_submitted(crisis)
        first = approve(first)
        # Fixed while the first was not yet sent, as by two workers at once.
        Delivery.objects.filter(message=first.message).update(
            state=DeliveryState.CANCELLED, due_at=None
        )
        second = approve(second)
        assert len(rows_of(second, reported)) == 1
        Delivery.objects.filter(message=first.message).update(state=DeliveryState.ACCEPTED)
        assert list(opened(second, reported).values()) == [Withheld("warned_before")]

    def test_an_address_once_however_many_people_it_is_given_for(self, crisis, reported):
        other = make_report(name="Somebody Else")
        first = make_submitted(crisis)
        assert (first.reported_people, first.reported_messages) == (2, 1)
        first = approve(first)
        assert first.frozen_count == 5
        assert len(rows_of(first, reported) + rows_of(first, other)) == 1

    def test_an_address_once_under_a_name_that_is_told_later(self, crisis, reported):
        first = approve(make_submitted(crisis))
        Delivery.objects.filter(message=first.message).update(
            state=DeliveryState.ACCEPTED, due_at=None
        )
        other = make_report(name="Somebody Else")
        second = again(crisis)
        assert second.reported_people == 0
        assert rows_of(approve(second), other) == []

    def test_nor_when_two_were_fixed_together_under_two_names(self, crisis, reported):
        first, second = make_submitted(crisis), make_submitted(crisis)
        first = approve(first)
        Delivery.objects.filter(message=first.message).update(
            state=DeliveryState.CANCELLED, due_at=None
        )
        Report.objects.filter(person=reported).update(refused_at=timezone.now())
        other = make_report(name="Somebody Else")
        second = approve(second)
        assert len(rows_of(second, other)) == 1
        Delivery.objects.filter(message=first.message).update(state=DeliveryState.ACCEPTED)
        assert list(opened(second, other).values()) == [Withheld("warned_before")]

    def test_again_to_who_asked_for_help(self, crisis, reported):
        first = approve(make_submitted(crisis))
        [row] = rows_of(first, reported)
        Delivery.objects.filter(message=first.message).update(
            state=DeliveryState.ACCEPTED, due_at=None
        )
        actions.record_answer(token=token_for(row.pk), choice="need_help")
        second = again(crisis)
        assert second.reported_people == 1
        assert isinstance(next(iter(opened(approve(second), reported).values())), Opened)

    def test_in_another_crisis_anew(self, crisis, reported):
        approve(make_submitted(crisis))
        assert make_submitted(make_crisis(title="Earthquake")).reported_people == 1

    def test_a_reader_has_it_erased_by_the_link(self, client: Client, crisis, reported):
        notice = approve(make_submitted(crisis))
        [row] = rows_of(notice, reported)
        url = reverse("stop_crisis", args=[token_for(row.pk)])
        answer = client.get(reverse("answer_notice", args=[token_for(row.pk)])).content.decode()
        assert url in answer
        assert 'name="erase"' in client.get(url).content.decode()
        page = client.post(url, {"erase": "1"}).content.decode()
        assert 'role="status"' in page
        assert not Person.objects.filter(pk=reported.pk).exists()

    def test_nobody_erases_a_registration_so(self, client: Client, crisis, registered):
        notice = approve(make_submitted(crisis))
        row = rows_of(notice, registered[0])[0]
        url = reverse("stop_crisis", args=[token_for(row.pk)])
        assert 'name="erase"' not in client.get(url).content.decode()
        client.post(url, {"erase": "1"})
        assert Person.objects.filter(pk=registered[0].pk).exists()


class TestThePages:
    def test_the_approver_ticks_it_and_it_is_not_ticked_before(self, crisis, reported):
        notice = make_submitted(crisis)
        officer = signed_in(second_officer(notice))
        page = officer.get(reverse("review_notice", args=[notice.pk])).content.decode()
        assert 'name="vital_interest"' in page
        assert "checked" not in page
        officer.post(reverse("approve_notice", args=[notice.pk]), {"vital_interest": "on"})
        notice.refresh_from_db()
        assert (notice.state, notice.vital_interest) == (NoticeState.APPROVED, True)

    def test_without_the_tick_they_stay_out(self, crisis, reported):
        notice = make_submitted(crisis)
        officer = signed_in(second_officer(notice))
        officer.post(reverse("approve_notice", args=[notice.pk]))
        notice.refresh_from_db()
        assert (notice.state, notice.vital_interest) == (NoticeState.APPROVED, False)

    def test_it_is_not_offered_in_lesser_danger(self, crisis, reported):
        notice = make_submitted(crisis, severity=Severity.MINOR)
        officer = signed_in(second_officer(notice))
        page = officer.get(reverse("review_notice", args=[notice.pk])).content.decode()
        assert 'name="vital_interest"' not in page
        assert "Reported by others, not proved" in page

    def test_the_preview_shows_the_class(self, crisis, reported):
        officer = signed_in(crisis.opened_by)
        page = officer.get(reverse("preview_audience", args=[crisis.pk])).content.decode()
        assert "Reported by others, not proved" in page

    def test_the_author_alone_is_offered_it_too(self, crisis, reported):
        notice = make_submitted(crisis)
        author = signed_in(notice.author)
        assert 'name="vital_interest"' in (
            author.get(reverse("review_notice", args=[notice.pk])).content.decode()
        )
        author.post(
            reverse("break_glass", args=[notice.pk]),
            {"reason": "Nobody answers", "vital_interest": "on"},
        )
        notice.refresh_from_db()
        assert notice.vital_interest
