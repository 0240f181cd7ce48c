"""Reads the alert files that authorities issue (CAP 1.2, and 1.1 leniently) and trusts nothing."""

from crises.alert_files.alert import AlertFile, Circle, Geocode
from crises.alert_files.document import MAX_BYTES
from crises.alert_files.errors import AlertFileError, SwappedCoordinates
from crises.alert_files.reader import read_alert

__all__ = [
    "MAX_BYTES",
    "AlertFile",
    "AlertFileError",
    "Circle",
    "Geocode",
    "SwappedCoordinates",
    "read_alert",
]
