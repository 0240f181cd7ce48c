"""From a CAP document to an AlertFile: required elements, listed words, dates, languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile, Geocode
from crises.alert_files.document import parse
from crises.alert_files.errors import AlertFileError
from crises.alert_files.shapes import MAX_VERTICES, ShapeReader, count_vertices
from crises.enums import Certainty, Severity, Urgency

_STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
_MESSAGE_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
_SCOPES = ("Public", "Restricted", "Private")
_NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")
_OLD_WORDS = {"Very Likely": "Likely"}  # CAP 1.0 and 1.1 feeds still write it
_DEFAULT_LANGUAGE = "en-US"  # what the standard says of an <info> that names none
_SENTENCE = 500
_TEXT = 10_000
_SPACE = re.compile(r"\s+")
_STALE = timedelta(days=30)


def read_alert(data: bytes, *, language: str | None = None, swapped: bool = False) -> AlertFile:
    """Read one CAP alert. `swapped` reads coordinates as "longitude,latitude".

    Of several `<info>` the facts come from the first in `language` (else in the page's language,
    else the first). Raises AlertFileError, or SwappedCoordinates when `swapped` would help.
    """
    root, warnings = parse(data)
    _check_root(root, warnings)
    sent = _required_date(root, "sent")
    infos = [element for element in root if _name(element) == "info"]
    status = _listed(root, "status", _STATUSES)
    msg_type = _listed(root, "msgType", _MESSAGE_TYPES)
    if msg_type in ("Ack", "Error"):
        raise AlertFileError(
            _("This message only answers another one (<msgType> %(type)s): it warns of nothing.")
            % {"type": msg_type}
        )
    if not infos:
        raise AlertFileError(_("The element <info> is missing: this file does not say where."))
    chosen = _choose(infos, language or get_language() or "en")
    info = chosen[0]
    alert = AlertFile(
        identifier=_required(root, "identifier"),
        sender=_required(root, "sender"),
        sent=sent,
        status=status,
        msg_type=msg_type,
        event=_required(info, "event"),
        urgency=_word(info, "urgency", Urgency.values, warnings),
        severity=_word(info, "severity", Severity.values, warnings),
        certainty=_word(info, "certainty", Certainty.values, warnings),
        language=_text(info, "language") or _DEFAULT_LANGUAGE,
        scope=_text(root, "scope"),
        sender_name=_text(info, "senderName"),
        headline=_text(info, "headline"),
        description=_text(info, "description", _TEXT),
        instruction=_text(info, "instruction", _TEXT),
        effective=_date(info, "effective", warnings),
        expires=_date(info, "expires", warnings),
        references=_text(root, "references"),
        is_signed=any(_name(element) == "Signature" for element in root),
        languages=list(
            dict.fromkeys(_text(each, "language") or _DEFAULT_LANGUAGE for each in infos)
        ),
        warnings=warnings,
    )
    _read_areas(alert, chosen, infos, swapped=swapped)
    _warn(alert)
    return alert


def _check_root(root: Element, warnings: list[str]) -> None:
    name = _name(root)
    if name != "alert":
        if name in ("rss", "feed", "RDF"):
            raise AlertFileError(
                _("This is a list of alerts (a feed), not an alert. Open one and save that file.")
            )
        raise AlertFileError(
            _("This is not a CAP alert: its first element is <%(name)s>, not <alert>.")
            % {"name": name[:40]}
        )
    namespace = root.tag[1:].partition("}")[0] if root.tag.startswith("{") else ""
    if namespace not in _NAMESPACES:
        warnings.append(_("The file does not say that it is CAP 1.2. It was read as if it were."))


def _read_areas(
    alert: AlertFile, chosen: list[Element], infos: list[Element], *, swapped: bool
) -> None:
    areas = list(_areas(chosen))
    if not any(_texts(area, "polygon") or _texts(area, "circle") for area in areas):
        # Some authorities draw the area in one language only.
        areas = list(_areas(infos))
    shapes = [
        text for area in areas for name in ("polygon", "circle") for text in _texts(area, name)
    ]
    if sum(count_vertices(text) for text in shapes) > MAX_VERTICES:
        raise AlertFileError(
            _("The area has more than %(most)s points. Simplify it, or type a place and a radius.")
            % {"most": f"{MAX_VERTICES:,}"}
        )
    reader = ShapeReader(swapped=swapped, warnings=alert.warnings)
    for area in areas:
        description = _text(area, "areaDesc")
        if description and description not in alert.area_descriptions:
            alert.area_descriptions.append(description)
        if not description:
            alert.warnings.append(_("An <area> has no <areaDesc>: give the area a name."))
        for text in _texts(area, "polygon"):
            alert.polygons += reader.polygon(text)
        for text in _texts(area, "circle"):
            circle = reader.circle(text)
            if circle is not None:
                alert.circles.append(circle)
        codes = [
            Geocode(_text(element, "valueName") or "?", _text(element, "value"))
            for element in area
            if _name(element) == "geocode"
        ]
        alert.geocodes += codes
        if codes and not (_texts(area, "polygon") or _texts(area, "circle")):
            named = ", ".join(f"{code.name} {code.value}" for code in codes[:10])
            more = f" (+{len(codes) - 10})" if len(codes) > 10 else ""
            alert.unresolved.append(f"{description}: {named}{more}" if description else named)


def _warn(alert: AlertFile) -> None:
    """What the officer should know before using it."""
    add = alert.warnings.append
    if alert.is_drill:
        add(
            _("Its status is %(status)s, not Actual: it can only open a drill.")
            % {"status": alert.status}
        )
    if alert.msg_type == "Cancel":
        add(_("This message cancels an earlier alert."))
    if alert.scope not in _SCOPES:
        add(_("The element <scope> is missing or unknown."))
    elif alert.scope != "Public":
        add(_("Its scope is %(scope)s: its words may not be passed on.") % {"scope": alert.scope})
    if alert.is_signed:
        add(_("The file carries a signature, which was not verified."))
    now = timezone.now()
    if alert.is_expired(now):
        add(_("This alert has expired. Check that nothing newer has been issued."))
    elif now - alert.sent > _STALE:
        add(_("This alert was sent more than 30 days ago. Check that it still holds."))
    if alert.sent - now > timedelta(days=1):
        add(_("The element <sent> lies in the future."))
    if alert.unresolved:
        add(
            _("Part of the area is named only by codes, which were not resolved: %(codes)s.")
            % {"codes": "; ".join(alert.unresolved[:5])}
        )
    if not alert.has_shape:
        add(_("This file draws no area. Type the place, the coordinates or the countries."))
    alert.warnings[:] = list(dict.fromkeys(alert.warnings))


def _choose(infos: list[Element], language: str) -> list[Element]:
    """Every `<info>` in the wanted language: exact, else of the same family, else the first's."""
    tags = [(_text(info, "language") or _DEFAULT_LANGUAGE).lower() for info in infos]
    wanted = language.lower()
    for matches in (
        lambda tag: tag == wanted,
        lambda tag: tag.split("-")[0] == wanted.split("-")[0],
        lambda tag: tag == tags[0],
    ):
        found = [info for info, tag in zip(infos, tags, strict=True) if matches(tag)]
        if found:
            return found
    return infos


def _areas(infos: list[Element]) -> Iterator[Element]:
    for info in infos:
        yield from (element for element in info if _name(element) == "area")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _texts(parent: Element, name: str) -> list[str]:
    return [element.text or "" for element in parent if _name(element) == name]


def _text(parent: Element, name: str, most: int = _SENTENCE) -> str:
    """One line, or paragraphs for a long text; never more than `most` characters."""
    for found in _texts(parent, name):
        return _SPACE.sub(" ", found[: most * 4]).strip()[:most]
    return ""


def _required(parent: Element, name: str) -> str:
    value = _text(parent, name)
    if not value:
        raise AlertFileError(_("The element <%(name)s> is missing.") % {"name": name})
    return value


def _listed(parent: Element, name: str, allowed: tuple[str, ...]) -> str:
    value = _required(parent, name)
    if value not in allowed:
        raise AlertFileError(
            _("The element <%(name)s> says “%(value)s”. It must be one of: %(allowed)s.")
            % {"name": name, "value": value[:40], "allowed": ", ".join(allowed)}
        )
    return value


def _word(parent: Element, name: str, allowed: list[str], warnings: list[str]) -> str:
    value = _text(parent, name)
    value = _OLD_WORDS.get(value, value)
    if value in allowed:
        return value
    warnings.append(
        _("The element <%(name)s> says “%(value)s”, which is not a word of CAP: taken as Unknown.")
        % {"name": name, "value": value[:40]}
        if value
        else _("The element <%(name)s> is missing: taken as Unknown.") % {"name": name}
    )
    return "Unknown"


def _required_date(parent: Element, name: str) -> datetime:
    value = _required(parent, name)
    moment = _moment(value)
    if moment is None:
        raise AlertFileError(
            _("The element <%(name)s> says “%(value)s”, which is not a date and time of this age.")
            % {"name": name, "value": value[:40]}
        )
    return moment


def _date(parent: Element, name: str, warnings: list[str]) -> datetime | None:
    value = _text(parent, name)
    if not value:
        return None
    moment = _moment(value)
    if moment is None:
        warnings.append(
            _("The element <%(name)s> says “%(value)s”, which is not a date. It was left out.")
            % {"name": name, "value": value[:40]}
        )
    return moment


def _moment(value: str) -> datetime | None:
    """Aware, in UTC; a time without its zone is taken as UTC. None when it is not believable."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not 1970 <= moment.year <= 2200:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
