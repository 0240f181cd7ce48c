"""Writes the README's table of figures from benchmarks/results: `make figures`.

Nothing stands in the table that no run has measured.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- figures: make figures -->", "<!-- end of figures -->"
_HEAD = ("| command | figure | measured | must be | |", "| --- | --- | --- | --- | --- |")


def table(folder: Path | None = None) -> str:
    """Markdown: every figure that has something to reach, of every result that is there."""
    from benchmarks import (
        dispatching,
        freezes,
        losses,
        queueing,
        registering,
        results,
        rotating,
        selecting,
    )

    sources: dict[str, tuple[str, Callable[[Any], list[results.Line]]]] = {
        "registration": ("bench-registration", registering.table),
        "selection": ("bench-selection", selecting.table),
        "freeze": ("bench-freeze", freezes.table),
        "dispatch": ("bench-dispatch", dispatching.table),
        "queue": ("bench-queue", queueing.table),
        "chaos": ("chaos", losses.table),
        "protection": ("bench-protection", lambda found: rotating.table(found["rotation"])),
    }

    def rows() -> Iterator[str]:
        for name, (command, lines) in sources.items():
            path = (folder or results.FOLDER) / f"{name}.json"
            if not path.exists():
                continue
            first = f"`make {command}`"
            for line in lines(json.loads(path.read_text(encoding="utf-8"))):
                if line.reached is None:
                    continue
                verdict = "reached" if line.reached else "**missed**"
                yield f"| {first} | {line.label} | {line.figure} | {line.must} | {verdict} |"
                first = ""

    return "\n".join((*_HEAD, *rows()))


def renewed(readme: str, figures: str) -> str:
    """The README with these figures between its marks. Raises ValueError where one is missing."""
    before, _, rest = readme.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{BEGIN} and {END} must stand in the README")
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "micic_portal.settings")
    django.setup()
    README.write_text(renewed(README.read_text(encoding="utf-8"), table()), encoding="utf-8")


if __name__ == "__main__":
    main()
