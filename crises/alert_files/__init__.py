"""Reads the alert files that authorities issue, in every format of theirs, and trusts nothing."""

from crises.alert_files.alert import AlertFile, Circle, Part, ReadFile, Reference
from crises.alert_files.cap import read_alert
from crises.alert_files.errors import AlertFileError, SwappedCoordinates
from crises.alert_files.formats import MAX_BYTES, FileFormat
from crises.alert_files.reading import read_file

__all__ = [
    "MAX_BYTES",
    "AlertFile",
    "AlertFileError",
    "Circle",
    "FileFormat",
    "Part",
    "ReadFile",
    "Reference",
    "SwappedCoordinates",
    "read_alert",
    "read_file",
]
