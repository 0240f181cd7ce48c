"""Every act that some floor writes into the ledger has words for the person whom it concerns."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from registrations.ledger_words import WORDS

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = (
    "accounts", "advisories", "assistance", "audit", "crises", "geography", "micic_portal",
    "notifications", "oversight", "partners", "privacy", "registrations", "tracing",
)  # fmt: skip
ACTION = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
# An act whose name is put together: its beginning, and that of the refusal.
API = {"api.read_crises", "api.refuse_read_crises"}


def actions_in(source: str) -> set[str]:
    """What is given as `action`, or comes first or named to a helper that records it."""
    found: set[str] = set()
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        name = call.func.id if isinstance(call.func, ast.Name) else name
        given = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
        if re.fullmatch(r"_?(record|note|log)(_\w+)?|_touch_stays", name):
            given += call.args
        for value in given:
            found |= {
                constant.value
                for constant in ast.walk(value)
                if isinstance(constant, ast.Constant)
                and isinstance(constant.value, str)
                and ACTION.fullmatch(constant.value)
                and not constant.value.endswith("_")  # The beginning of one put together.
            }
    # A kind of object looks like an act.
    return {action for action in found if not action.startswith("registrations.")}


def test_every_act_has_words():
    named: dict[str, str] = {}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            if "audit" in source or "recording" in source:
                named |= dict.fromkeys(actions_in(source), str(path.relative_to(ROOT)))
    assert len(named) > 60
    assert {action: path for action, path in named.items() if action not in WORDS} == {}
    assert set(WORDS) >= API


@pytest.mark.parametrize(
    "source",
    [
        "record(action='a.b', by=by)",
        "ledger.record(by=by, action='a.b' if x else 'a.b')",
        "_note('a.b', person)",
        "record_notice(notice, 'a.b')",
    ],
)
def test_each_way_to_record_is_seen(source):
    assert actions_in(source) == {"a.b"}


def test_what_is_no_act_is_not_taken_for_one():
    assert actions_in("f('a.b'); record(action=a, object_type='crises.crisis')") == set()
