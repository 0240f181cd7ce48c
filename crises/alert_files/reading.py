"""One door for every format: what the file holds decides which reader reads it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from crises.alert_files.alert import ReadFile
from crises.alert_files.archives import read_kmz
from crises.alert_files.cap import read_cap
from crises.alert_files.document import root_name
from crises.alert_files.edxl import read_edxl
from crises.alert_files.errors import AlertFileError, at
from crises.alert_files.feeds import read_feed
from crises.alert_files.formats import MAX_BYTES, Container, container
from crises.alert_files.json_files import read_json
from crises.alert_files.kml import read_kml

# Each takes the bytes, and `language`: the one in which an alert's words are wanted.
Reader = Callable[..., ReadFile]

# By the local name of the outermost element.
XML_READERS: dict[str, Reader] = {
    "alert": read_cap,
    "EDXLDistribution": read_edxl,
    "RDF": read_feed,
    "feed": read_feed,
    "rss": read_feed,
    "kml": read_kml,
}
OTHER_READERS: dict[Container, Reader] = {Container.JSON: read_json, Container.ZIP: read_kmz}


def read_file(data: bytes, *, name: str = "", language: str | None = None) -> ReadFile:
    """Read a file of any known format: its alerts (at least one), and remarks on the whole.

    `name` is the file's, used only to say what an unreadable one may be. Words come in `language`,
    else in the page's. Raises AlertFileError, whose message names the element and the line.
    """
    kind = container(data, name)
    if kind is Container.XML:
        root, line = root_name(data, most_bytes=MAX_BYTES)
        reader = XML_READERS.get(root)
        if reader is None:
            raise AlertFileError(
                at(f"<{root[:40]}>", line, _("No format of alerts that is known here begins so."))
            )
    else:
        reader = OTHER_READERS.get(kind)
        if reader is None:
            raise AlertFileError(_("This file holds no alert."))
    return reader(data, language=language)
