"""RSS and Atom: GDACS's events and alerts carried whole are read; of links alone it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _

from crises.alert_files import gdacs
from crises.alert_files.alert import AlertFile, ReadFile
from crises.alert_files.cap import alert_either_way
from crises.alert_files.cap_areas import CapAreaReader
from crises.alert_files.document import parse
from crises.alert_files.elements import first, located, name_of, text
from crises.alert_files.errors import AlertFileError
from crises.alert_files.formats import FileFormat
from crises.alert_files.gdacs_areas import GdacsAreaReader
from crises.alert_files.rings import TooMuch
from crises.alert_files.wording import clean

# An officer chooses one of them.
MAX_ALERTS = 500
_SHOWN = 3


def read_feed(data: bytes, *, language: str | None = None) -> ReadFile:
    """Raises AlertFileError for a feed that only links to alerts, naming what to fetch."""
    root, warnings = parse(data)
    entries = [each for each in root.iter() if name_of(each) in ("item", "entry")]
    if not entries:
        raise AlertFileError(located(root, _("This feed holds no entries: nothing is announced.")))
    events = [entry for entry in entries if gdacs.is_gdacs(entry)]
    if events:
        areas = GdacsAreaReader()
        alerts, remarks = read_each(events, lambda event: gdacs.alert_of(event, areas))
        return ReadFile(FileFormat.GDACS, alerts, [*warnings, *remarks])
    carried = list(carried_alerts(root))
    if carried:
        shapes = CapAreaReader()
        alerts, remarks = read_each(
            carried, lambda alert: alert_either_way(alert, areas=shapes, language=language)
        )
        return ReadFile(FileFormat.CAP, alerts, [*warnings, *remarks])
    raise AlertFileError(located(root, _only_links(entries)))


def carried_alerts(root: Element) -> Iterator[Element]:
    """The CAP alerts that stand whole inside another document."""
    return (
        each
        for each in root.iter()
        # Some envelopes lend it their own namespace.
        if name_of(each) == "alert" and first(each, "identifier") is not None
    )


def read_each(
    elements: Sequence[Element], read: Callable[[Element], AlertFile]
) -> tuple[list[AlertFile], list[str]]:
    """The alerts that can be read, and why the others cannot.

    Raises AlertFileError when none can, or when the file holds more than can be read in time.
    """
    if len(elements) > MAX_ALERTS:
        problem = _("This file holds more than %(most)s alerts. Get a shorter one.")
        raise AlertFileError(located(elements[MAX_ALERTS], problem % {"most": f"{MAX_ALERTS:,}"}))
    alerts: list[AlertFile] = []
    errors: list[AlertFileError] = []
    for element in elements:
        try:
            alerts.append(read(element))
        except TooMuch:
            raise
        except AlertFileError as error:
            errors.append(error)
    if errors and not alerts:
        raise errors[0]
    return alerts, [
        _("An alert was left out: %(problem)s") % {"problem": error.message} for error in errors
    ]


def _only_links(entries: Sequence[Element]) -> str:
    named = []
    for entry in entries[:_SHOWN]:
        title = text(entry, "title", 120)
        link = _link(entry)
        named.append(f"“{title}” {link}".strip() if title else link or "?")
    return _(
        "This is a list of alerts (a feed), not an alert. Open the one you mean, save that file, "
        "and send it. It lists %(count)d: %(entries)s"
    ) % {"count": len(entries), "entries": "; ".join(named)}


def _link(entry: Element) -> str:
    """Where an entry's alert is: RSS writes it as text, Atom as an attribute."""
    found = first(entry, "link")
    if found is None:
        return ""
    return clean(found.text or found.get("href", ""), 200)
