"""From an area to answers: opening, counting, writing, approving, freezing, answering."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Entry
from crises import actions
from crises.enums import NoticeState
from crises.reporting import live_figures
from notifications.models import Delivery
from tests.factories.crises import (
    area_of,
    make_crisis,
    make_frozen,
    make_notice,
    make_people,
    second_officer,
    token_of,
)

pytestmark = pytest.mark.django_db


def ledger(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action))


def test_the_whole_road(django_capture_on_commit_callbacks):
    people = make_people(3)
    crisis = make_crisis()
    notice = make_notice(crisis)
    assert notice.window_end - notice.window_start == timedelta(hours=72)
    assert abs(notice.window_start - timezone.now()) < timedelta(minutes=1)

    found = actions.preview_audience(
        crisis=crisis,
        area=area_of(crisis),
        window_start=notice.window_start,
        window_end=notice.window_end,
        classes=notice.classes,
        by=crisis.opened_by,
    )
    assert (found.people, found.messages, found.unreachable, found.duplicates) == (3, 6, 0, 0)
    assert found.by_match == {"inside": 3}
    assert found.by_confidence == {"confirmed": 3}
    assert found.by_language == {"es": 3}
    assert found.by_channel == {"mail": 3, "sms": 3}
    assert found.by_country == {"NP": 3}

    actions.submit_notice(notice=notice, by=notice.author)
    other = second_officer(notice)
    actions.approve_notice(notice=notice, by=other)
    notice.refresh_from_db()
    assert notice.state == NoticeState.APPROVED
    assert (notice.approver, notice.approved_count) == (other, 6)

    assert actions.freeze_notice(notice.pk) == NoticeState.SENDING
    notice.refresh_from_db()
    assert (notice.frozen_count, notice.frozen_people) == (6, 3)
    assert Delivery.objects.filter(message=notice.message).count() == 6

    actions.record_answer(token=token_of(notice, people[0]), choice="safe")
    actions.record_answer(token=token_of(notice, people[1]), choice="need_help", note="Two of us")
    figures = live_figures(notice)
    assert (figures.total, figures.people) == (6, 3)
    assert (figures.safe, figures.need_help, figures.left, figures.silent) == (1, 1, 0, 1)
    assert figures.by_channel["mail"] == {"queued": 2, "cancelled": 1}
    assert [one.person_id for one in figures.asking] == [people[1].pk]

    for action in (
        "crisis.open",
        "crisis.set_area",
        "notice.start",
        "notice.write",
        "notice.submit",
        "notice.approve",
        "notice.freeze",
    ):
        assert len(ledger(action)) == 1, action
    assert len(ledger("answer.record")) == 2
    assert len(ledger("audience.preview")) == 2  # one asked for, one when submitted
    assert ledger("notice.freeze")[0].subjects.count() == 3


def test_freezing_again_adds_nobody():
    make_people(2)
    notice = make_frozen()
    assert actions.freeze_notice(notice.pk) == NoticeState.SENDING
    assert Delivery.objects.count() == 4
    assert len(ledger("notice.freeze")) == 1
