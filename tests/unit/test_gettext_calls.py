"""Every string to translate can be collected: xgettext reads no call inside an f-string."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = (
    "accounts", "advisories", "audit", "crises", "geography", "micic_portal", "notifications",
    "partners", "privacy", "registrations",
)  # fmt: skip
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy"}


def hidden_calls(source: str) -> list[int]:
    """The lines on which a gettext function is called inside an f-string."""
    return [
        call.lineno
        for string in ast.walk(ast.parse(source))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in GETTEXT
    ]


@pytest.mark.parametrize("app", APPS)
def test_no_call_hides_in_an_f_string(app: str) -> None:
    hidden = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / app).rglob("*.py")
        if (lines := hidden_calls(path.read_text(encoding="utf-8")))
    }
    assert hidden == {}


def test_a_hidden_call_is_found() -> None:
    assert hidden_calls("x = f\"{_('Yes')}!\"") == [1]
