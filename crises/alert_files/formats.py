"""The formats that alerts come in, told by what a file holds and never by its name alone."""

from __future__ import annotations

import codecs
import enum
import re

from django.db import models
from django.utils.translation import gettext as _

from crises.alert_files.errors import AlertFileError, at

# The largest file of any format; XML alerts other than KML must be smaller still.
MAX_BYTES = 6 * 1024 * 1024


class FileFormat(models.TextChoices):
    CAP = "cap", "CAP"
    EDXL = "edxl", "EDXL-DE"
    GDACS = "gdacs", "GDACS"
    GEOJSON = "geojson", "GeoJSON"
    KML = "kml", "KML"
    KMZ = "kmz", "KMZ"
    USGS_EVENT = "usgs_event", "USGS event"
    SHAKEMAP = "shakemap", "ShakeMap"


class Container(enum.Enum):
    """What a file is made of, before anyone knows what it says."""

    XML = enum.auto()
    JSON = enum.auto()
    ZIP = enum.auto()


_MARKS = (
    codecs.BOM_UTF8,
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
)
_MARKUP = re.compile(rb"<[\w!?/]")
_WEB_PAGE = re.compile(rb"(?:<\?xml[^<>]*>\s*)?<(?:!doctype\s+)?html", re.IGNORECASE)
_ENOUGH = 4096


def container(data: bytes, name: str = "") -> Container:
    """Raises AlertFileError for what is none of them, saying what it seems to be instead."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Container.ZIP
    # UTF-16 and UTF-32 write the same first letters, with zeros in between.
    start = data[:_ENOUGH]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    start = start.replace(b"\x00", b"").lstrip()
    if not start:
        raise AlertFileError(_("This file is empty."))
    if start.startswith((b"{", b"[")):
        return Container.JSON
    if _WEB_PAGE.match(start):
        line = data.count(b"\n", 0, max(0, data[:_ENOUGH].lower().find(b"html"))) + 1
        raise AlertFileError(
            at(
                "<html>",
                line,
                _("This is a web page. Save the alert that it links to, and send it."),
            )
        )
    if start.startswith(b"<") or _MARKUP.search(start):
        return Container.XML
    raise AlertFileError(_what_else(start, name))


def _what_else(start: bytes, name: str) -> str:
    if start.startswith(b"%PDF"):
        return _("This is a PDF. Ask for the alert itself, as CAP, GeoJSON or KML.")
    if start.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")):
        return _("This is a picture. Ask for the alert itself, as CAP, GeoJSON or KML.")
    if start.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")):
        return _("This file is compressed. Unpack it, and send what it holds.")
    if name.lower().endswith((".shp", ".dbf", ".shx", ".prj", ".gpkg", ".tif", ".tiff")):
        return _("This is a file for map software. Export its shapes as GeoJSON or KML.")
    return _(
        "This is no alert file that can be read here: line 1 begins neither as XML, nor as JSON, "
        "nor as a zip file. Known are CAP, EDXL-DE, GDACS, GeoJSON, KML, KMZ and ShakeMap."
    )
