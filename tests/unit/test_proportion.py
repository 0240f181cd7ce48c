"""What is out of proportion is said, with its reason; what is not, is not."""

from __future__ import annotations

from typing import Any

import pytest

from crises.proportion import RULES, Size, felt_km, warnings_of

USUAL: dict[str, Any] = {"square_km": 70_000.0, "countries": 1, "people": 800, "registered": 40_000}


def said(**facts: Any) -> str:
    return " ".join(warnings_of(Size(**(USUAL | facts))))


def test_a_usual_area_raises_nothing():
    assert said() == said(alert_square_km=60_000.0, hazard="earthquake", magnitude=7.1) == ""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"alert_square_km": 7_000.0}, "10 times as large"),
        ({"hazard": "earthquake", "magnitude": 5.0, "square_km": 2e6}, "seldom felt beyond 100 km"),
        ({"is_circle": True, "countries": 5}, "touches 5 countries"),
        ({"people": 20_001}, "More than half"),
        ({"severity": "Minor", "people": 5_000}, "called minor, and 5,000 people"),
        ({"severity": "Moderate", "people": 20_000}, "called moderate"),
        ({"people": 0, "expected": 1_000}, "Only 0 would be written to"),
        ({"people": 400, "expected": 40_000}, "at least 40,000 citizens"),
    ],
)
def test_each_rule_says_why(facts, words):
    assert words in said(**facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"alert_square_km": 7_001.0},
        {"alert_square_km": 0.0},
        {"hazard": "earthquake", "magnitude": 8.0, "square_km": 2e6},
        {"hazard": "earthquake", "magnitude": None, "square_km": 2e6},
        {"hazard": "flood", "magnitude": 5.0, "square_km": 2e6},
        {"is_circle": True, "countries": 4},
        {"countries": 30},
        {"people": 20_000},
        {"people": 199, "registered": 199},
        {"people": None, "registered": None, "expected": 90_000},
        {"severity": "Moderate", "people": 19_999},
        {"severity": "Extreme", "people": 19_999},
        {"people": 0, "expected": 999},
        {"people": 401, "expected": 40_000},
    ],
)
def test_just_within_proportion_nothing_is_said(facts):
    assert said(**facts) == ""


def test_every_rule_can_speak_and_several_may_at_once():
    found = warnings_of(
        Size(
            square_km=9e7, countries=60, is_circle=True, people=25_000, registered=30_000,
            expected=9_000_000, alert_square_km=50.0, hazard="earthquake", magnitude=4.2,
            severity="Moderate",
        )
    )  # fmt: skip
    assert len(found) == len(RULES)


def test_a_stronger_earthquake_is_felt_farther():
    felt = [felt_km(tenth / 10) for tenth in range(20, 100)]
    assert felt == sorted(felt)
    assert (felt_km(3), felt_km(7), felt_km(7.5), felt_km(9.5)) == (40, 450, 650, 1500)
