"""Two approvals, two freezes, two answers at the same moment: one of each counts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from audit.models import Entry
from crises import actions
from crises.enums import NoticeState
from crises.models import Answer
from notifications.models import Delivery
from tests.factories.crises import (
    make_approved,
    make_crisis,
    make_frozen,
    make_notice,
    make_people,
    make_submitted,
    second_officer,
    token_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch):
    """Approvals commit here, and would ring for a worker that is not there."""
    monkeypatch.setattr("crises.tasks.freeze_notice.apply_async", lambda args, retry: None)
    monkeypatch.setattr("notifications.doorbell.ring_now", lambda: None)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread with a connection of its own; give results or exceptions."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_approvals():
    make_people(2)
    notice = make_submitted()
    officers = [second_officer(notice) for _one in range(4)]
    results = at_once(
        *(lambda by=by: actions.approve_notice(notice=notice, by=by) for by in officers)
    )
    assert sum(isinstance(one, actions.Refused) for one in results) == 3
    assert Entry.objects.filter(action="notice.approve").count() == 1
    notice.refresh_from_db()
    assert notice.state == NoticeState.APPROVED


def test_an_approval_and_a_withdrawal():
    make_people(1)
    notice = make_submitted()
    other = second_officer(notice)
    results = at_once(
        lambda: actions.approve_notice(notice=notice, by=other),
        lambda: actions.withdraw_notice(notice=notice, by=notice.author),
    )
    assert sum(isinstance(one, actions.Refused) for one in results) == 1


def test_an_approval_and_a_break_glass():
    make_people(1)
    notice = make_submitted()
    other = second_officer(notice)
    results = at_once(
        lambda: actions.approve_notice(notice=notice, by=other),
        lambda: actions.break_glass(notice=notice, by=notice.author, reason="The dam"),
    )
    assert sum(isinstance(one, actions.Refused) for one in results) == 1
    notice.refresh_from_db()
    assert notice.approval_stands


def test_two_freezes():
    make_people(3)
    notice = make_approved()
    results = at_once(*[lambda: actions.freeze_notice(notice.pk)] * 4)
    assert results == [NoticeState.SENDING] * 4
    assert Delivery.objects.count() == 6
    assert Entry.objects.filter(action="notice.freeze").count() == 1


def test_doubled_answers():
    person = make_people(1)[0]
    token = token_of(make_frozen(), person)
    results = at_once(*[lambda: actions.record_answer(token=token, choice="safe")] * 5)
    assert {type(one) for one in results} == {Answer}
    assert Answer.objects.count() == 1
    assert Entry.objects.filter(action="answer.record").count() == 1


def test_contradicting_answers_leave_one_current():
    person = make_people(1)[0]
    token = token_of(make_frozen(), person)
    choices = ["safe", "need_help", "left", "need_help", "safe"]
    results = at_once(
        *(lambda choice=c: actions.record_answer(token=token, choice=choice) for c in choices)
    )
    assert {type(one) for one in results} == {Answer}
    current = Answer.objects.current().get()
    if Answer.objects.filter(choice="need_help", answered_at__lte=current.answered_at).exists():
        assert current.help_asked_at is not None


def test_two_closings_and_two_starts():
    crisis = make_crisis()
    make_notice(crisis)
    area = crisis.areas.get()
    author = crisis.opened_by
    starts = at_once(*[lambda: actions.start_notice(crisis=crisis, area=area, by=author)] * 3)
    assert {one.version for one in starts} == {1}  # the author's own draft, not three more
    closings = at_once(*[lambda: actions.close_crisis(crisis=crisis, by=author)] * 3)
    assert sum(isinstance(one, actions.Refused) for one in closings) == 2
    assert Entry.objects.filter(action="crisis.close").count() == 1
