"""Where the demo's crises are, so that some of its citizens are there."""

from __future__ import annotations

from pathlib import Path

from crises.alert_files import AlertFile, read_alert
from geography.areas import Area

_ALERTS = Path(__file__).parent / "alerts"


def storm_alert() -> AlertFile:
    """Tropical storm Vicente, as Mexico's weather service announced it in 2018."""
    return read_alert((_ALERTS / "mexico.xml").read_bytes())


def earthquake_area() -> Area:
    return Area.circle(35.6895, 139.6917, 120)


def demo_areas() -> Area:
    return Area.from_polygons([storm_alert().area().geometry, earthquake_area().geometry])
