"""What is journalled can be done again, and what can be done again stands in the docs."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from audit.journal.replayers import kinds

_CALL = re.compile(r"""\bjournal\(\s*"([a-z_.]+)\"""")
_FLOORS = ("registrations", "crises", "accounts", "partners", "advisories", "notifications")


def _written() -> set[str]:
    root = Path(settings.BASE_DIR)
    return {
        kind
        for floor in _FLOORS
        for path in (root / floor).rglob("*.py")
        for kind in _CALL.findall(path.read_text(encoding="utf-8"))
    }


def test_every_kind_that_is_written_is_bound_to_a_replayer_and_no_other():
    assert _written() == kinds()


def test_every_kind_stands_in_the_docs():
    text = (Path(settings.BASE_DIR) / "docs/backup-and-restore.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z_.]+)` \|", text, flags=re.MULTILINE))
    assert listed == kinds()
