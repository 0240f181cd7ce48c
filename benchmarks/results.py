"""Names the machine and the versions, prints a table, and writes benchmarks/results/NAME.json."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import connection

FOLDER = Path(__file__).parent / "results"
_PACKAGES = ("Django", "gunicorn", "psycopg2-binary", "celery", "aiohttp")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the table, what it must reach, and whether it did."""

    label: str
    figure: str
    must: str = ""
    reached: bool | None = None


def machine() -> dict[str, Any]:
    """Cores, processor and how busy the machine was when the run began (load over one minute)."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def versions(*more: str) -> dict[str, str]:
    """Of Python, the database, and the packages that every figure depends on, and `more`."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgresql,) = cursor.fetchone()
    packages = {name: version(name) for name in (*_PACKAGES, *more)}
    return {"Python": platform.python_version(), "PostgreSQL": postgresql, **packages}


def print_table(title: str, lines: Sequence[Line]) -> None:
    widths = [max(len(getattr(line, name)) for line in lines) for name in ("label", "figure")]
    print(f"\n{title}")
    for line in lines:
        verdict = {None: "", True: "reached", False: "MISSED"}[line.reached]
        shown = f"{line.label:<{widths[0]}}  {line.figure:>{widths[1]}}"
        print(f"  {shown}  {line.must} {verdict}".rstrip())


def write(name: str, figures: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    path = folder / f"{name}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
