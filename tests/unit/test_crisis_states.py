"""The tables of transitions: complete, closed, and no shortcut to sending."""

from __future__ import annotations

import pytest

from crises.enums import (
    CRISIS_TRANSITIONS,
    EDITABLE,
    NOTICE_TRANSITIONS,
    UNDER_WAY,
    CrisisState,
    NoticeState,
)

ALLOWED = {
    ("draft", "submitted"),
    ("draft", "aborted"),
    ("submitted", "returned"),
    ("submitted", "approved"),
    ("submitted", "draft"),
    ("submitted", "aborted"),
    ("returned", "draft"),
    ("returned", "aborted"),
    ("approved", "frozen"),
    ("approved", "submitted"),
    ("approved", "aborted"),
    ("frozen", "sending"),
    ("frozen", "aborted"),
    ("sending", "sent"),
    ("sending", "aborted"),
    ("sent", "sending"),
}


@pytest.mark.parametrize("before", NoticeState.values)
@pytest.mark.parametrize("after", NoticeState.values)
def test_every_pair_of_notice_states(before, after):
    assert (after in NOTICE_TRANSITIONS[before]) == ((before, after) in ALLOWED)


def test_every_state_has_a_row():
    assert set(NOTICE_TRANSITIONS) == set(NoticeState)
    assert set(CRISIS_TRANSITIONS) == set(CrisisState)


def test_a_closed_crisis_stays_closed():
    assert CRISIS_TRANSITIONS[CrisisState.CLOSED] == frozenset()


def test_nothing_is_sent_without_passing_approval():
    without_approval = {state for state in NoticeState if state != NoticeState.APPROVED}
    reachable: set[str] = {NoticeState.DRAFT}
    while True:
        more = {
            after for before in reachable for after in NOTICE_TRANSITIONS[before]
        } & without_approval
        if more <= reachable:
            break
        reachable |= more
    assert not reachable & (UNDER_WAY | {NoticeState.SENT})
    assert not EDITABLE & UNDER_WAY
