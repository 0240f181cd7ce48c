"""From a CAP document to an AlertFile: required elements, listed words, dates, languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile, Part, ReadFile, Reference
from crises.alert_files.cap_areas import CapAreaReader
from crises.alert_files.document import parse
from crises.alert_files.elements import (
    LONG_TEXT,
    children,
    date,
    first,
    listed,
    located,
    moment_of,
    name_of,
    namespace_of,
    required,
    required_date,
    text,
    word,
)
from crises.alert_files.errors import AlertFileError, SwappedCoordinates
from crises.alert_files.formats import FileFormat
from crises.alert_files.hazards import hazard_in
from crises.enums import Certainty, Severity, Urgency

_STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
_MESSAGE_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
_SCOPES = ("Public", "Restricted", "Private")
NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")
_DEFAULT_LANGUAGE = "en-US"  # what the standard says of an <info> that names none
_MOST_WARNINGS = 50
# What feeds call the magnitude of an earthquake among their parameters.
_MAGNITUDE = re.compile(r"(event)?(preliminary)?magnitude", re.IGNORECASE)


def read_cap(data: bytes, *, language: str | None = None) -> ReadFile:
    """A file that is one CAP alert. Swapped coordinates are read the other way round, and said."""
    root, warnings = parse(data)
    alert = alert_either_way(root, areas=CapAreaReader(), language=language)
    alert.warnings[:0] = warnings
    return ReadFile(FileFormat.CAP, [alert])


def read_alert(data: bytes, *, language: str | None = None, swapped: bool = False) -> AlertFile:
    """Read one CAP alert. `swapped` reads coordinates as "longitude,latitude".

    Of several `<info>` the facts come from the first in `language` (else in the page's language,
    else the first). Raises AlertFileError, or SwappedCoordinates when `swapped` would help.
    """
    root, warnings = parse(data)
    alert = alert_in(root, language=language, areas=CapAreaReader(swapped=swapped))
    alert.warnings[:0] = warnings
    return alert


def alert_in(
    root: Element,
    *,
    areas: CapAreaReader,
    language: str | None = None,
    around: Sequence[Part] = (),
) -> AlertFile:
    """The alert of an `<alert>` element, wherever it stands. Raises as `read_alert` does.

    `around` are the parts of an envelope, which are ticked where the alert itself has none.
    """
    warnings: list[str] = []
    _check_root(root, warnings)
    sent = required_date(root, "sent")
    infos = list(children(root, "info"))
    status = listed(root, "status", _STATUSES)
    msg_type = listed(root, "msgType", _MESSAGE_TYPES)
    if msg_type in ("Ack", "Error"):
        problem = _("This message only answers another one (%(type)s): it warns of nothing.")
        found = first(root, "msgType")
        raise AlertFileError(
            located(root if found is None else found, problem % {"type": msg_type})
        )
    if not infos and msg_type != "Cancel":
        problem = _("The element <info> is missing: this file does not say where.")
        raise AlertFileError(located(root, problem))
    # A cancellation may name what it takes back, and say no more.
    chosen = _choose(infos, language or get_language() or "en") or [Element("info")]
    info = chosen[0]
    alert = AlertFile(
        identifier=required(root, "identifier"),
        sender=required(root, "sender"),
        sent=sent,
        status=status,
        msg_type=msg_type,
        event=required(info, "event") if infos else "",
        urgency=word(info, "urgency", Urgency.values, warnings) if infos else "Unknown",
        severity=word(info, "severity", Severity.values, warnings) if infos else "Unknown",
        certainty=word(info, "certainty", Certainty.values, warnings) if infos else "Unknown",
        language=text(info, "language") or _DEFAULT_LANGUAGE,
        scope=text(root, "scope"),
        sender_name=text(info, "senderName"),
        headline=text(info, "headline"),
        description=text(info, "description", LONG_TEXT),
        instruction=text(info, "instruction", LONG_TEXT),
        effective=date(info, "effective", warnings),
        expires=date(info, "expires", warnings),
        references=_references(root, warnings),
        is_signed=first(root, "Signature") is not None,
        languages=list(
            dict.fromkeys(text(each, "language") or _DEFAULT_LANGUAGE for each in infos)
        ),
        measures=_measures(info),
        warnings=warnings,
    )
    alert.hazard = hazard_in(alert.event, alert.headline)
    is_chosen = {id(each) for each in chosen}
    areas.read(alert, chosen, [each for each in infos if id(each) not in is_chosen])
    is_drawn = any(part.understood for part in alert.parts)
    for _part in around:
        areas.count(root)
    alert.parts += [
        replace(part, remarks=[*part.remarks], chosen=part.chosen and not is_drawn)
        for part in around
    ]
    if alert.is_cancel:
        for part in alert.parts:
            part.chosen = False
    _warn(alert, text(root, "note"))
    return alert


def alert_either_way(
    root: Element,
    *,
    areas: CapAreaReader,
    language: str | None = None,
    around: Sequence[Part] = (),
) -> AlertFile:
    """The alert of an `<alert>` element; where its coordinates are swapped, read so."""
    try:
        return alert_in(root, areas=areas, language=language, around=around)
    except SwappedCoordinates:
        with areas.swapping():
            return alert_in(root, areas=areas, language=language, around=around)


def _check_root(root: Element, warnings: list[str]) -> None:
    name = name_of(root)
    if name != "alert":
        if name in ("rss", "feed", "RDF"):
            problem = _(
                "This is a list of alerts (a feed), not an alert. Open one and save that file."
            )
        else:
            problem = _("This is not a CAP alert: it begins otherwise than with <alert>.")
        raise AlertFileError(located(root, problem))
    if namespace_of(root) not in NAMESPACES:
        warnings.append(
            located(root, _("It does not say that it is CAP 1.2. It was read as if it were."))
        )


def _references(root: Element, warnings: list[str]) -> list[Reference]:
    """Earlier messages, each written "sender,identifier,sent"."""
    found: list[Reference] = []
    for element in children(root, "references"):
        for each in text(root, "references", LONG_TEXT).split():
            sender, comma, rest = each.partition(",")
            identifier, second, sent = rest.rpartition(",")
            if comma and second and identifier:
                found.append(Reference(sender, identifier, moment_of(sent)))
            else:
                problem = _("“%(text)s” is not “sender,identifier,sent”: it was left out.")
                warnings.append(located(element, problem % {"text": each[:60]}))
        break
    return found


def _measures(info: Element) -> dict[str, str]:
    for parameter in children(info, "parameter"):
        value = text(parameter, "value", 20)
        if value and _MAGNITUDE.fullmatch(text(parameter, "valueName")):
            return {"magnitude": value}
    return {}


def _warn(alert: AlertFile, note: str) -> None:
    """What the officer should know before using it."""
    general: list[str] = []
    add = general.append
    if alert.is_drill:
        add(
            _("Its status is %(status)s, not Actual: it can only open a drill.")
            % {"status": alert.status}
        )
    if alert.is_cancel:
        add(_("This message cancels an earlier alert. Nothing of it is ticked."))
    if (alert.is_cancel or alert.is_update) and not alert.references:
        add(_("It does not say which earlier alert it is about: <references> is missing."))
    if note and (alert.is_cancel or alert.is_drill):
        add(_("Its note says: “%(note)s”") % {"note": note})
    if alert.scope not in _SCOPES:
        add(_("The element <scope> is missing or unknown."))
    elif alert.scope != "Public":
        add(_("Its scope is %(scope)s: its words may not be passed on.") % {"scope": alert.scope})
    if alert.is_signed:
        add(_("The file carries a signature, which was not verified."))
    general += alert.warnings_of_age()
    if alert.unresolved:
        add(
            _("Part of the area is named only by codes, which were not resolved: %(codes)s.")
            % {"codes": "; ".join(alert.unresolved[:5])}
        )
    broken = [part for part in alert.parts if not part.understood and part.element != "<geocode>"]
    if broken and alert.has_shape:
        add(_("Not everything that it draws could be read: see the elements marked below."))
    if not any(part.understood for part in alert.parts):
        add(_("This file draws no area. Type the place, the coordinates or the countries."))
    # A hostile file could bury them under its own faults.
    alert.warnings[:] = [*general, *dict.fromkeys(alert.warnings[:_MOST_WARNINGS])]


def _choose(infos: list[Element], language: str) -> list[Element]:
    """Every `<info>` in the wanted language: exact, else of the same family, else the first's."""
    tags = [(text(info, "language") or _DEFAULT_LANGUAGE).lower() for info in infos]
    wanted = language.lower()
    ways: tuple[Callable[[str], bool], ...] = (
        lambda tag: tag == wanted,
        lambda tag: tag.split("-")[0] == wanted.split("-")[0],
        lambda tag: tag == tags[0],
    )
    for matches in ways:
        found = [info for info, tag in zip(infos, tags, strict=True) if matches(tag)]
        if found:
            return found
    return infos
