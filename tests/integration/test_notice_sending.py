"""Freezing, drifting, sending and stopping: each once, whatever crashes or comes twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError
from django.utils import timezone

from audit.models import Entry
from crises import actions, tasks
from crises.actions import sending
from crises.enums import NoticeState
from crises.models import Notice
from crises.reporting import live_figures
from crises.sources import CrisisSource
from notifications.enums import MessageState
from notifications.models import Delivery, Message
from notifications.ports import Opened, Withheld, source_for
from registrations.models import ContactPoint
from tests.factories.accounts import make_coordinator
from tests.factories.crises import (
    make_approved,
    make_crisis,
    make_frozen,
    make_people,
    second_officer,
    token_of,
)

pytestmark = pytest.mark.django_db


class TestDrift:
    @pytest.mark.parametrize(("before", "more", "goes"), [(10, 1, True), (10, 2, False)])
    def test_a_tenth_more_is_the_most(self, before, more, goes):
        make_people(before)
        notice = make_approved()
        make_people(more)
        state = actions.freeze_notice(notice.pk)
        assert state == (NoticeState.SENDING if goes else NoticeState.SUBMITTED)

    def test_it_comes_back_with_the_new_figure_and_leaves_nothing_behind(self):
        make_people(2)
        notice = make_approved()
        make_people(3)
        actions.freeze_notice(notice.pk)
        notice.refresh_from_db()
        assert (notice.state, notice.approver) == (NoticeState.SUBMITTED, None)
        assert (notice.approved_count, notice.previewed_count) == (4, 10)
        assert notice.previewed_people == 5
        assert not Delivery.objects.exists()
        assert not Message.objects.exists()
        entry = Entry.objects.get(action="notice.return_to_approver")
        assert entry.details == {"approved": 4, "found": 10}
        actions.approve_notice(notice=notice, by=second_officer(notice))
        assert actions.freeze_notice(notice.pk) == NoticeState.SENDING
        assert Delivery.objects.count() == 10

    def test_fewer_count_as_well(self):
        people = make_people(3)
        notice = make_approved()
        people[0].delete()
        assert actions.freeze_notice(notice.pk) == NoticeState.SUBMITTED


class TestCrashes:
    def test_before_the_commit_nothing_has_happened(self, monkeypatch):
        make_people(2)
        notice = make_approved()

        def die(**arguments: object) -> None:
            raise DatabaseError("the connection was lost")

        with monkeypatch.context() as broken:
            broken.setattr(sending.ledger, "record_bulk", die)
            with pytest.raises(DatabaseError):
                actions.freeze_notice(notice.pk)
        notice.refresh_from_db()
        assert notice.state == NoticeState.APPROVED
        assert not Delivery.objects.exists()
        tasks.sweep_notices()
        assert Delivery.objects.count() == 4

    def test_between_freezing_and_sending_the_sweeper_goes_on(self, monkeypatch):
        make_people(2)
        notice = make_approved()
        with monkeypatch.context() as broken:
            broken.setattr(sending, "begin_sending", lambda notice_id: False)
            actions.freeze_notice(notice.pk)
        notice.refresh_from_db()
        assert notice.state == NoticeState.FROZEN
        tasks.sweep_notices()
        notice.refresh_from_db()
        assert notice.state == NoticeState.SENDING
        assert Delivery.objects.count() == 4

    @pytest.mark.parametrize("error", [DatabaseError("this one"), ValueError("{lone bracket")])
    def test_one_broken_notice_holds_no_other_back(self, monkeypatch, error):
        make_people(1)
        first, second = make_approved(), make_approved()
        freeze = sending._freeze

        def half(notice: Notice) -> None:
            if notice.pk == first.pk:
                raise error
            freeze(notice)

        monkeypatch.setattr(sending, "_freeze", half)
        tasks.sweep_notices()
        assert Notice.objects.get(pk=second.pk).state == NoticeState.SENDING
        assert Notice.objects.get(pk=first.pk).state == NoticeState.APPROVED

    def test_the_doorbell_of_an_approval_carries_the_notice_and_nobody(
        self, monkeypatch, django_capture_on_commit_callbacks
    ):
        rung: list[object] = []
        monkeypatch.setattr(
            tasks.freeze_notice, "apply_async", lambda args, retry: rung.append(args)
        )
        make_people(1)
        with django_capture_on_commit_callbacks(execute=True):
            notice = make_approved()
        assert rung == [[str(notice.pk)]]

    def test_a_deaf_broker_loses_no_approval(self, monkeypatch, django_capture_on_commit_callbacks):
        def deaf(args: object, retry: bool) -> None:
            raise OSError

        monkeypatch.setattr(tasks.freeze_notice, "apply_async", deaf)
        make_people(1)
        with django_capture_on_commit_callbacks(execute=True):
            notice = make_approved()
        tasks.sweep_notices()
        notice.refresh_from_db()
        assert notice.state == NoticeState.SENDING


class TestFinishing:
    def test_sent_when_the_message_is_done(self):
        make_people(1)
        notice = make_frozen()
        tasks.sweep_notices()
        notice.refresh_from_db()
        assert notice.state == NoticeState.SENDING
        Message.objects.update(state=MessageState.DONE)
        tasks.sweep_notices()
        notice.refresh_from_db()
        assert notice.state == NoticeState.SENT
        assert notice.finished_at is not None

    def test_pause_resume_abort(self):
        make_people(1)
        notice = make_frozen()
        actions.pause_notice(notice=notice, by=notice.author)
        assert Message.objects.get().state == MessageState.PAUSED
        with pytest.raises(actions.Refused):
            actions.pause_notice(notice=notice, by=notice.author)
        actions.resume_notice(notice=notice, by=make_coordinator())
        actions.abort_notice(notice=notice, by=notice.author)
        assert Message.objects.get().state == MessageState.ABORTED
        assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
        assert Entry.objects.filter(action="notice.abort").count() == 1
        with pytest.raises(actions.Refused):
            actions.abort_notice(notice=notice, by=notice.author)

    def test_closing_stops_what_is_under_way_and_dates_its_erasure(self):
        make_people(1)
        crisis = make_crisis()
        notice = make_frozen(crisis)
        actions.close_crisis(crisis=crisis, by=crisis.opened_by)
        crisis.refresh_from_db()
        notice.refresh_from_db()
        assert notice.state == NoticeState.ABORTED
        assert crisis.purge_on == (timezone.now() + timedelta(days=90)).date()
        with pytest.raises(actions.Refused, match="closed"):
            actions.close_crisis(crisis=crisis, by=crisis.opened_by)


class TestTheSource:
    """What the engine is told for each batch, at the moment of sending."""

    def open(self) -> dict[UUID, Opened | Withheld]:
        rows = list(Delivery.objects.order_by("pk"))
        return CrisisSource().open([row.recipient_id for row in rows], "crisis", deliveries=rows)

    def test_it_is_bound(self):
        assert isinstance(source_for("crisis"), CrisisSource)

    def test_it_opens_addresses(self):
        make_people(1)
        make_frozen()
        opened = self.open()
        assert {one.address for one in opened.values() if isinstance(one, Opened)} == {
            "person0@example.org",
            "+9779841200000",
        }

    def test_an_answer_withholds_from_that_person_only(self):
        people = make_people(2)
        notice = make_frozen()
        rows = list(Delivery.objects.all())
        actions.record_answer(token=token_of(notice, people[0]), choice="left")
        found = CrisisSource().open([r.recipient_id for r in rows], "crisis", deliveries=rows)
        for row in rows:
            expected = Withheld if row.subject_id == people[0].pk else Opened
            assert isinstance(found[row.recipient_id], expected)
        assert Withheld("answered") in found.values()

    def test_a_request_for_help_withholds_nothing(self):
        people = make_people(1)
        notice = make_frozen()
        actions.record_answer(token=token_of(notice, people[0]), choice="need_help")
        assert all(isinstance(one, Opened) for one in self.open().values())

    def test_withdrawn_erased_closed_and_unapproved(self):
        from audit.actors import Actor
        from registrations.actions import withdraw_consent

        withdrawn, erased = make_people(2)
        notice = make_frozen()
        withdraw_consent(
            person_id=withdrawn.pk, purpose="crisis_contact", by=Actor.traveller(withdrawn.pk)
        )
        ContactPoint.objects.filter(person=erased).delete()
        assert set(self.open().values()) == {Withheld("no_consent"), Withheld("erased")}
        Notice.objects.filter(pk=notice.pk).update(state=NoticeState.ABORTED)
        assert set(self.open().values()) == {Withheld("not_approved")}
        Notice.objects.filter(pk=notice.pk).update(state=NoticeState.SENDING)
        actions.close_crisis(crisis=notice.crisis, by=notice.author)
        Notice.objects.filter(pk=notice.pk).update(state=NoticeState.SENDING)
        assert set(self.open().values()) == {Withheld("crisis_closed")}

    def test_few_queries_for_a_batch(self, django_assert_num_queries):
        make_people(5)
        make_frozen()
        rows = list(Delivery.objects.all())
        with django_assert_num_queries(5):
            CrisisSource().open([r.recipient_id for r in rows], "crisis", deliveries=rows)


class TestFigures:
    def test_asked_for_help_and_later_safe_stays_a_group_of_its_own(self):
        people = make_people(4)
        notice = make_frozen()
        for person, choices in zip(
            people, (["need_help"], ["need_help", "safe"], ["safe"], []), strict=True
        ):
            for choice in choices:
                actions.record_answer(token=token_of(notice, person), choice=choice)
        figures = live_figures(notice)
        assert (figures.need_help, figures.safe, figures.left, figures.silent) == (1, 2, 0, 1)
        assert (figures.asked_then_safe, figures.asking_total) == (1, 2)
        assert [one.later_safe for one in figures.asking] == [False, True]
        assert figures.asking[0].waited >= figures.asking[1].waited

    def test_before_anything_was_sent(self):
        make_people(1)
        figures = live_figures(make_approved())
        assert (figures.total, figures.people, figures.silent) == (0, 0, 0)

    def test_six_queries_whatever_the_size(self, django_assert_max_num_queries):
        make_people(6)
        notice = make_frozen()
        notice = Notice.objects.select_related("message").get(pk=notice.pk)
        with django_assert_max_num_queries(6):
            live_figures(notice)
