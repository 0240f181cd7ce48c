"""Which kind of JSON a file is: an earthquake or ShakeMap of the USGS, else plain GeoJSON."""

from __future__ import annotations

import hashlib

from django.utils import timezone
from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile, Part, ReadFile
from crises.alert_files.formats import FileFormat
from crises.alert_files.geojson import read_parts
from crises.alert_files.json_document import JsonDocument, parse
from crises.alert_files.shakemap import is_shakemap, read_shakemap
from crises.alert_files.usgs import is_event, is_feed, read_event, read_feed
from crises.alert_files.wording import name_in


def read_json(data: bytes, *, language: str | None = None) -> ReadFile:
    """Read GeoJSON of any kind. Its words come in the one language that the file has.

    Raises AlertFileError, whose message names the element and the line.
    """
    document = parse(data)
    if is_event(document.members):
        found = ReadFile(FileFormat.USGS_EVENT, [read_event(document)])
    elif is_feed(document):
        found = ReadFile(FileFormat.USGS_EVENT, *read_feed(document))
    elif is_shakemap(document):
        found = ReadFile(FileFormat.SHAKEMAP, [read_shakemap(document)])
    else:
        parts = read_parts(document)
        found = ReadFile(FileFormat.GEOJSON, [shapes_only(data, _title(document), parts)])
    found.remarks = document.warnings + found.remarks
    return found


def shapes_only(data: bytes, title: str, parts: list[Part]) -> AlertFile:
    """An alert of a file that says where, and nothing of who warns of what."""
    alert = AlertFile(
        # The same file makes the same identifier, so that sending it twice can be seen.
        identifier=hashlib.sha256(data).hexdigest()[:32],
        sender="",
        sent=timezone.now(),
        status="Actual",
        msg_type="Alert",
        event=title,
        urgency="Unknown",
        severity="Unknown",
        certainty="Unknown",
        language="",
        headline=title,
        parts=parts,
        area_descriptions=list(
            dict.fromkeys(part.name for part in parts if part.name != part.element)
        )[:20],
    )
    alert.warnings.append(_("The file does not say who issued it, or when."))
    return alert


def _title(document: JsonDocument) -> str:
    members = document.members
    return name_in(members) or name_in(members.get("properties"))
