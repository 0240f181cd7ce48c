"""Every act whose name says that something is read stands in the table of what alarms count."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oversight.acts import ACTS, RULES, Act, act_of, actions_of
from oversight.counting import Sighting, fullest
from oversight.enums import AlarmKind
from oversight.explanations import EXPLANATIONS
from registrations.ledger_words import WORDS

_READS = re.compile(r"read|find|compare|preview|export|download|search|overview")


def test_every_act_that_reads_is_classified():
    assert {action for action in WORDS if _READS.search(action)} <= ACTS.keys()


def test_nothing_is_classified_that_does_not_exist():
    assert ACTS.keys() <= WORDS.keys()


def test_comparing_is_told_from_reading():
    assert act_of("person.read", {"page": "duplicates"}) is Act.COMPARING
    assert act_of("person.read", {}) is Act.READING
    assert act_of("crisis.open", {}) is None
    assert actions_of(Act.COMPARING) == actions_of(Act.READING)


def test_each_kind_of_alarm_is_explained_and_raised_by_a_rule(settings):
    assert EXPLANATIONS.keys() == set(AlarmKind)
    assert {rule.kind for rule in RULES} == set(AlarmKind) - {AlarmKind.CHAIN_BROKEN}
    assert {rule.limit_name for rule in RULES} - {""} == settings.ALARM_LIMITS.keys()


_START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def sightings(pairs: list[tuple[int, int]]) -> list[Sighting]:
    return [
        Sighting(_START + dt.timedelta(minutes=minute), number, thing)
        for number, (minute, thing) in enumerate(pairs)
    ]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 8)), max_size=40))
def test_the_fullest_hour_is_found_as_by_trying_every_one(pairs):
    hour = dt.timedelta(hours=1)
    seen = sightings(pairs)
    by_hand = max(
        (len({o.thing for o in seen if end.at - hour < o.at <= end.at}) for end in seen), default=0
    )
    found = fullest(seen, hour)
    assert (found.count if found else 0) == by_hand
    assert found is None or found.until - found.since < hour


@pytest.mark.parametrize("window", [dt.timedelta(hours=1), dt.timedelta(days=1)])
def test_nothing_seen_is_no_stretch(window):
    assert fullest([], window) is None
