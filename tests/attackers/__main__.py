"""`python -m tests.attackers`: what the four attackers bring back, line by line."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import django

os.environ["PORTAL_MODE"] = "demo"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "micic_portal.settings")
django.setup()

from tests.attackers.loot import Loot  # noqa: E402
from tests.attackers.raid import raid  # noqa: E402


def _say(loot: Loot) -> None:
    for line in loot.lines():
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        loots = raid(Path(folder) / "var", _say)
    return 0 if all(loot.is_empty for loot in loots) else 1


if __name__ == "__main__":
    sys.exit(main())
