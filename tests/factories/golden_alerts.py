"""What the real alert files say, written down in full."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crises.alert_files import AlertFile, Part, read_file
from tests.factories.alerts import REAL

FILES = ("mexico.xml", "ph.cap", "wcatwc-warning.cap", "gdacs-rss-24h.xml")


def golden_of(name: str) -> Path:
    return REAL / "golden" / f"{name}.json"


def as_read(name: str) -> dict[str, Any]:
    """The file as JSON: shapes by their bounds and size, to a millionth of a degree."""
    read = read_file((REAL / name).read_bytes(), name=name, language="en")
    return {
        "format": read.format.value,
        "remarks": read.remarks,
        "alerts": [_alert(alert) for alert in read.alerts],
    }


def _alert(alert: AlertFile) -> dict[str, Any]:
    return {"facts": alert.facts(), "parts": [_part(part) for part in alert.parts]}


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "element": part.element,
        "line": part.line,
        "countries": list(part.countries),
        "chosen": part.chosen,
        "remarks": part.remarks,
        "bounds": [[round(side, 6) for side in each.bounds] for each in part.polygons],
        "square_degrees": [round(each.area, 6) for each in part.polygons],
    }


def write() -> None:
    """Where a change is meant: `manage.py shell -c "from tests.factories import golden_alerts as g;
    g.write()"`, and read what git says has changed."""
    for name in FILES:
        path = golden_of(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(as_read(name), ensure_ascii=False, indent=1) + "\n")
