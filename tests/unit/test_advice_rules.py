"""Rules of advice that need no database: numbers as dialled, differences, states, the checklist."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from advisories.checklist import BEFORE_LEAVING
from advisories.differences import Change, compare
from advisories.enums import ADVICE_TRANSITIONS, AdviceState
from advisories.validation import DIALLED, MOST_NUMBERS, dialled_numbers

WORDS = st.text(alphabet="ab c\n.é،ن", max_size=60)


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("", []),
        ("112", ["112"]),
        ("100, 112", ["100", "112"]),
        ("110؛119".replace("؛", "،"), ["110", "119"]),
        (" *9111 ", ["*9111"]),
        ("(02) 911-1100", ["029111100"]),
        ("+52 55 5555 0100", ["+525555550100"]),
        ("911, 911", ["911"]),
    ],
)
def test_numbers_are_kept_as_they_are_dialled(typed, numbers):
    assert dialled_numbers(typed) == numbers


@pytest.mark.parametrize(
    "typed",
    [
        "call the police", "1", "<script>", "112 or 911", "١١٢", "112😀", "1" * 40, "+", "**1",
        "javascript:alert(1)", "112\u0000",
    ],
)  # fmt: skip
def test_what_cannot_be_dialled_is_refused(typed):
    with pytest.raises(ValidationError):
        dialled_numbers(typed)


def test_who_is_in_danger_does_not_choose_among_many():
    with pytest.raises(ValidationError):
        dialled_numbers(",".join(str(100 + n) for n in range(MOST_NUMBERS + 1)))


@given(st.text(max_size=40))
def test_whatever_is_taken_can_be_dialled(typed):
    try:
        numbers = dialled_numbers(typed)
    except ValidationError:
        return
    assert all(re.fullmatch(DIALLED, number) and number.isascii() for number in numbers)


@given(WORDS, WORDS)
def test_differences_hold_both_texts(before, after):
    pieces = compare(before, after)
    assert "".join(p.text for p in pieces if p.change != Change.ADDED) == before
    assert "".join(p.text for p in pieces if p.change != Change.REMOVED) == after


def test_a_word_that_changed_is_told_alone():
    pieces = compare("Roads close in the rain.", "Roads close in the snow.")
    assert [(p.change, p.text) for p in pieces] == [
        (Change.SAME, "Roads close in the "),
        (Change.REMOVED, "rain."),
        (Change.ADDED, "snow."),
    ]


def test_texts_that_have_little_in_common_are_not_mixed():
    pieces = compare("The airport is shut.", "Storm Vicente reaches the coast.")
    assert [p.change for p in pieces] == [Change.REMOVED, Change.ADDED]


def test_what_was_published_never_becomes_a_draft_again():
    assert set(ADVICE_TRANSITIONS) == set(AdviceState)
    assert all(AdviceState.DRAFT not in after for after in ADVICE_TRANSITIONS.values())
    assert ADVICE_TRANSITIONS[AdviceState.SUPERSEDED] == frozenset()


def test_the_common_checklist_names_what_people_forget():
    said = " ".join(str(line) for line in BEFORE_LEAVING).lower()
    for word in ("passport", "children", "insurance", "vaccines", "money", "register"):
        assert word in said
