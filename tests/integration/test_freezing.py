"""What was approved is what is frozen: the same people, once, or it goes back to the approver."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry, EntrySubject
from crises import actions
from crises.actions import sending
from crises.enums import NoticeState
from crises.models import AffectedArea, Notice
from crises.reporting import live_figures
from crises.sources import CrisisSource
from geography.areas import Area
from notifications.enums import MessageState
from notifications.models import Delivery, Message
from notifications.ports import Opened
from registrations.actions import erase_on_request, withdraw_consent
from tests.factories.accounts import make_coordinator
from tests.factories.crises import (
    area_of,
    make_approved,
    make_crisis,
    make_notice,
    make_people,
    make_submitted,
    second_officer,
)
from tests.factories.registrations import make_person, pin_stay
from tests.factories.reports import mail, make_report
from tests.integration.test_crises_at_once import at_once

FRANCE = Area.circle(48.85, 2.35, 40)


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch):
    """Approvals that commit would ring for a worker that is not there."""
    monkeypatch.setattr("crises.tasks.freeze_notice.apply_async", lambda args, retry: None)
    monkeypatch.setattr("notifications.doorbell.ring_now", lambda: None)


def freeze(notice: Notice) -> str:
    state = actions.freeze_notice(notice.pk)
    notice.refresh_from_db()
    return state


@pytest.mark.django_db
class TestMoved:
    """More than a tenth more or fewer goes back; a tenth goes."""

    @pytest.mark.parametrize(
        ("approved", "found", "goes"),
        [
            (100, 110, True),
            (100, 111, False),
            (100, 90, True),
            (100, 89, False),
            (10, 11, True),
            (9, 10, False),
            (0, 0, True),
            (0, 1, False),
            (1, 0, False),
            (30, 33, True),
            (70, 77, True),
        ],
    )
    def test_by_the_messages(self, approved, found, goes):
        notice = Notice(approved_count=approved)
        assert sending._has_drifted(notice, sending._Found(found, found)) is not goes

    @pytest.mark.parametrize(
        ("proper", "reported", "goes"),
        [(80, 20, True), (85, 15, True), (75, 25, True), (74, 26, False), (60, 50, False)],
    )
    def test_those_on_vital_interest_are_a_number_of_their_own(self, proper, reported, goes):
        notice = Notice(approved_count=100, reported_messages=20, vital_interest=True)
        found = sending._Found(proper, proper, reported, reported)
        assert sending._has_drifted(notice, found) is not goes

    @pytest.mark.parametrize(("more", "goes"), [(1, True), (2, False)])
    def test_in_earnest(self, more, goes):
        make_people(10)
        notice = make_approved()
        make_people(more)
        assert freeze(notice) == (NoticeState.SENDING if goes else NoticeState.SUBMITTED)
        assert Delivery.objects.exists() is goes

    def test_to_nobody(self):
        person = make_people(1)[0]
        notice = make_approved()
        by = Actor.traveller(person.pk)
        withdraw_consent(person_id=person.pk, purpose="crisis_contact", by=by)
        assert freeze(notice) == NoticeState.SUBMITTED
        assert (notice.previewed_count, notice.approver) == (0, None)
        assert not Message.objects.filter(purpose="crisis").exists()

    def test_people_who_answered_meanwhile_are_fewer_people(self):
        crisis = make_crisis()
        people = make_people(5)
        notice = make_approved(crisis)
        actions.stop_for_person(crisis=crisis, person_id=people[0].pk)
        assert freeze(notice) == NoticeState.SUBMITTED
        assert (notice.approved_count, notice.previewed_count) == (10, 8)

    def test_strangers_reported_meanwhile_do_not_stand_in_for_who_is_gone(self):
        people = make_people(5)
        crisis = make_crisis()
        make_report()
        notice = make_submitted(crisis)
        actions.approve_notice(notice=notice, by=second_officer(notice), vital_interest=True)
        notice.refresh_from_db()
        assert (notice.approved_count, notice.reported_messages) == (11, 1)
        people[0].delete()
        for number in range(2):
            make_report(contacts=(mail(f"stranger{number}@example.org"),))
        assert freeze(notice) == NoticeState.SUBMITTED
        assert (notice.previewed_count, notice.reported_messages) == (8, 3)
        assert not notice.vital_interest


@pytest.mark.django_db
class TestWhatWasApproved:
    def test_the_area_of_the_approval_whatever_the_crisis_has_now(self):
        make_people(2)
        elsewhere = make_person(stays=(pin_stay(48.85, 2.35, country="FR"),))
        crisis = make_crisis(by=None)
        notice = make_approved(crisis)
        area = area_of(crisis)
        AffectedArea.objects.create(
            crisis=crisis,
            geojson=FRANCE.to_geojson(),
            digest=FRANCE.digest,
            source=area.source,
            label="Paris",
            countries=["FR"],
            created_by=area.created_by,
        )
        assert freeze(notice) == NoticeState.SENDING
        assert not Delivery.objects.filter(subject_id=elsewhere.pk).exists()
        assert Delivery.objects.count() == 4
        frozen = Entry.objects.get(action="notice.freeze")
        assert frozen.details["area_digest"] == area.digest == notice.area_digest

    def test_not_an_area_that_was_redrawn_behind_its_digest(self):
        make_people(2)
        make_person(stays=(pin_stay(48.85, 2.35, country="FR"),))
        notice = make_approved()
        AffectedArea.objects.filter(pk=notice.area_id).update(geojson=FRANCE.to_geojson())
        assert freeze(notice) == NoticeState.SUBMITTED
        refusal = Entry.objects.get(action="notice.refuse")
        assert refusal.details == {"reason": "area_changed_after_approval"}
        assert not Delivery.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"classes": ["inside", "possibly", "somewhere", "confirmed", "stale"]},
            {"window_start": timezone.now() - timedelta(days=20)},
            {"window_end": timezone.now() + timedelta(days=20)},
        ],
    )
    def test_not_other_classes_nor_another_window(self, changes):
        make_people(2)
        notice = make_approved()
        Notice.objects.filter(pk=notice.pk).update(**changes)
        assert freeze(notice) == NoticeState.SUBMITTED
        assert Entry.objects.get(action="notice.refuse").details == {
            "reason": "changed_after_approval"
        }

    def test_not_another_area(self):
        make_people(2)
        notice = make_approved()
        other = area_of(make_crisis(by=make_coordinator(), area=FRANCE, label="Paris"))
        Notice.objects.filter(pk=notice.pk).update(area=other)
        assert freeze(notice) == NoticeState.SUBMITTED

    def test_the_window_and_not_the_day_of_the_freeze(self, monkeypatch):
        crisis = make_crisis()
        make_people(2)
        notice = make_approved(crisis)
        coming = notice.window_end.date() + timedelta(days=3)
        late = make_person(stays=(pin_stay(starts_on=coming, ends_on=coming + timedelta(days=9)),))
        assert freeze(notice) == NoticeState.SENDING
        assert not Delivery.objects.filter(subject_id=late.pk).exists()

    def test_each_contact_point_once_however_many_stays_lead_to_it(self):
        make_people(1, stays=(pin_stay(), pin_stay(27.71, 85.31), pin_stay(27.72, 85.32)))
        notice = make_approved()
        assert notice.approved_count == 2
        assert freeze(notice) == NoticeState.SENDING
        counted = Delivery.objects.values("recipient_id").annotate(times=Count("pk"))
        assert {row["times"] for row in counted.order_by("recipient_id")} == {1}

    def test_one_statement_writes_the_deliveries(self, django_assert_max_num_queries):
        from django.test.utils import CaptureQueriesContext

        make_people(3)
        notice = make_approved()
        with CaptureQueriesContext(connection) as queries:
            freeze(notice)
        written = [row["sql"] for row in queries if "notifications_delivery" in row["sql"]]
        assert len([sql for sql in written if "INSERT INTO" in sql and "SELECT" in sql]) == 2
        # The other is the ledger's table of subjects, read from the deliveries.
        assert EntrySubject.objects.filter(entry__action="notice.freeze").count() == 3

    def test_twice_changes_nothing(self):
        make_people(2)
        notice = make_approved()
        assert [freeze(notice), freeze(notice)] == [NoticeState.SENDING] * 2
        first = (notice.frozen_at, notice.frozen_count, notice.message_id)
        make_people(1)
        assert freeze(notice) == NoticeState.SENDING
        assert (notice.frozen_at, notice.frozen_count, notice.message_id) == first
        assert Delivery.objects.count() == 4
        assert Entry.objects.filter(action="notice.freeze").count() == 1

    def test_a_draft_is_never_frozen(self):
        make_people(1)
        notice = make_notice()
        assert freeze(notice) == NoticeState.DRAFT
        assert not Delivery.objects.exists()


class Killed(BaseException):
    """As a signal ends a worker: nothing catches it."""


@pytest.mark.django_db(transaction=True)
class TestWorkers:
    def test_two_at_once_freeze_once(self):
        make_people(3)
        notice = make_approved()
        results = at_once(
            *[lambda: actions.freeze_notice(notice.pk)] * 2, *[actions.sweep_notices] * 2
        )
        assert [one for one in results if isinstance(one, Exception)] == []
        assert Delivery.objects.count() == 6
        assert Message.objects.filter(purpose="crisis").count() == 1
        assert Entry.objects.filter(action="notice.freeze").count() == 1

    @pytest.mark.parametrize("where", ["_write_deliveries", "ledger.record_bulk", "_add"])
    def test_killed_before_the_end_leaves_nothing_and_the_sweeper_comes_back(
        self, monkeypatch, where
    ):
        make_people(2)
        notice = make_approved()
        target, _dot, name = where.rpartition(".")
        owner = getattr(sending, target) if target else sending
        original = getattr(owner, name)

        def die(*args: object, **kwargs: object) -> None:
            original(*args, **kwargs)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, die)
            with pytest.raises(Killed):
                actions.freeze_notice(notice.pk)
        notice.refresh_from_db()
        assert (notice.state, notice.message_id) == (NoticeState.APPROVED, None)
        assert not Delivery.objects.exists()
        assert not Message.objects.filter(purpose="crisis").exists()
        actions.sweep_notices()
        notice.refresh_from_db()
        assert (notice.state, Delivery.objects.count()) == (NoticeState.SENDING, 4)

    def test_its_connection_cut_in_the_middle(self, monkeypatch):
        """The server ends the transaction of a worker that is gone."""
        make_people(2)
        notice = make_approved()
        original = sending._add

        def cut(*args: object) -> tuple[int, int]:
            counts = original(*args)  # type: ignore[arg-type]
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pid = cursor.fetchone()[0]
            ended = threading.Thread(target=_terminate, args=(pid,))
            ended.start()
            ended.join(timeout=20)
            return counts

        with monkeypatch.context() as patched:
            patched.setattr(sending, "_add", cut)
            with (
                ThreadPoolExecutor(1) as pool,
                pytest.raises(Exception, match=r"terminat|closed|lost"),
            ):
                pool.submit(_freeze_and_close, notice).result()
        notice.refresh_from_db()
        assert notice.state == NoticeState.APPROVED
        assert not Delivery.objects.exists()
        assert actions.freeze_notice(notice.pk) == NoticeState.SENDING
        assert Delivery.objects.count() == 4


@pytest.mark.django_db(transaction=True)
class TestMeanwhile:
    """Whoever goes while the recipients are written is among them, and gets nothing."""

    @pytest.fixture
    def frozen(self, monkeypatch) -> Callable[[Callable[[], object]], Notice]:
        """Freezes a notice to six people; what is passed happens in the middle of it."""

        def frozen(act: Callable[[], object]) -> Notice:
            notice = make_approved()
            original, written, done = sending._add, threading.Event(), threading.Event()

            def pausing(*args: object) -> tuple[int, int]:
                counts = original(*args)  # type: ignore[arg-type]
                written.set()
                assert done.wait(20)
                return counts

            monkeypatch.setattr(sending, "_add", pausing)
            with ThreadPoolExecutor(1) as pool:
                state = pool.submit(_freeze_and_close, notice)
                try:
                    assert written.wait(20)
                    act()  # With the test's own connection.
                finally:
                    done.set()
                assert state.result(20) == NoticeState.SENDING
            notice.refresh_from_db()
            return notice

        return frozen

    def test_a_consent_taken_back(self, frozen):
        gone, *others = make_people(6)
        by = Actor.traveller(gone.pk)
        notice = frozen(
            lambda: withdraw_consent(person_id=gone.pk, purpose="crisis_contact", by=by)
        )
        assert opened_for(notice) == {one.pk: 2 for one in others}
        figures = live_figures(notice)
        assert (figures.people, figures.stopped, figures.silent) == (6, 1, 5)

    def test_a_person_erased(self, frozen):
        gone, *others = make_people(6)
        notice = frozen(lambda: erase_on_request(person_id=gone.pk, by=Actor.system("tests")))
        assert Delivery.objects.for_subjects([gone.pk]).exists()
        assert opened_for(notice) == {one.pk: 2 for one in others}
        Message.objects.filter(pk=notice.message_id).update(state=MessageState.DONE)
        for _twice in range(2):
            actions.finish_notices()
        notice.refresh_from_db()
        assert notice.state == NoticeState.SENT
        assert not Delivery.objects.for_subjects([gone.pk]).exists()
        assert (notice.erased_people, live_figures(notice).silent) == (1, 5)


def opened_for(notice: Notice) -> dict[UUID, int]:
    """How many addresses of each recipient are opened to send."""
    rows = list(Delivery.objects.filter(message=notice.message_id))
    found = CrisisSource().open([row.recipient_id for row in rows], "crisis", deliveries=rows)
    opened = [row for row in rows if isinstance(found[row.recipient_id], Opened)]
    return dict(Counter(row.subject_id for row in opened if row.subject_id))


def _freeze_and_close(notice: Notice) -> str:
    try:
        return actions.freeze_notice(notice.pk)
    finally:
        connection.close()


def _terminate(pid: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        connection.close()
