"""EDXL-DE, the envelope around alerts: what it carries, whom it is for, and what it is not."""

from __future__ import annotations

from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile, ReadFile
from crises.alert_files.cap import alert_either_way
from crises.alert_files.cap_areas import CapAreaReader
from crises.alert_files.document import parse
from crises.alert_files.elements import children, first, located, name_of, namespace_of, text
from crises.alert_files.errors import AlertFileError
from crises.alert_files.feeds import carried_alerts, read_each
from crises.alert_files.formats import FileFormat
from crises.alert_files.target_areas import target_parts

_NAMESPACES = (
    "urn:oasis:names:tc:emergency:EDXL:DE:1.0",
    "urn:oasis:names:tc:emergency:EDXL:DE:2.0",
)
_MOST_LEFT_OUT = 20  # named; what follows is left out as well
_STATUSES = ("Actual", "Exercise", "System", "Test")
# What only answers, asks or hands out work, and so warns of nothing.
_OTHER_TYPES = (
    "Request",
    "Response",
    "Dispatch",
    "Ack",
    "Error",
    "SensorConfiguration",
    "SensorControl",
    "SensorStatus",
    "SensorDetection",
)


def read_edxl(data: bytes, *, language: str | None = None) -> ReadFile:
    """The CAP alerts in an EDXL-DE message. Raises AlertFileError, naming what it holds instead."""
    root, warnings = parse(data)
    if namespace_of(root) not in _NAMESPACES:
        warnings.append(
            located(root, _("It does not say that it is EDXL-DE. It was read as if it were."))
        )
    status = _status(root, warnings)
    kind = _type(root)
    carried = list(carried_alerts(root))
    others = _other_content(root)
    if not carried:
        nothing = _("It carries no CAP alert: there is nothing in it to read.")
        raise others[0] if others else AlertFileError(located(root, nothing))
    shapes = CapAreaReader()
    around = [part for area in _target_areas(root) for part in target_parts(area, shapes)]
    alerts, remarks = read_each(
        carried,
        lambda alert: alert_either_way(alert, areas=shapes, language=language, around=around),
    )
    for alert in alerts:
        _apply(alert, status=status, kind=kind)
    left_out = [error.message for error in others]
    return ReadFile(FileFormat.EDXL, alerts, [*warnings, *remarks, *left_out])


def _status(root: Element, warnings: list[str]) -> str:
    """One of CAP's words. Where it is missing, each alert's own holds."""
    found = first(root, "distributionStatus")
    value = text(root, "distributionStatus", 40)
    for status in _STATUSES:
        if value.lower() == status.lower():
            return status
    if found is None:
        warnings.append(located(root, _("The element <distributionStatus> is missing.")))
        return "Actual"
    problem = _("It says “%(value)s”. It must be one of: %(allowed)s.")
    raise AlertFileError(
        located(found, problem % {"value": value, "allowed": ", ".join(_STATUSES)})
    )


def _type(root: Element) -> str:
    found = first(root, "distributionType")
    value = text(root, "distributionType", 40)
    if found is not None and value in _OTHER_TYPES:
        problem = _("It says “%(value)s”: this message only answers, asks or assigns.")
        raise AlertFileError(located(found, problem % {"value": value}))
    return value


def _other_content(root: Element) -> list[AlertFileError]:
    """What the message carries beside CAP, each as the reason why it was left out."""
    errors: list[AlertFileError] = []
    for content in (each for each in root.iter() if name_of(each) == "contentObject"):
        for element in content.iter():
            if len(errors) == _MOST_LEFT_OUT:
                return errors
            if name_of(element) in ("nonXMLContent", "otherContent"):
                name = text(content, "contentDescription", 120) or text(element, "uri", 120)
                problem = _("“%(name)s” (%(kind)s) is not XML, and was not opened.") % {
                    "name": name or "?",
                    "kind": text(element, "mimeType", 80) or "?",
                }
                errors.append(AlertFileError(located(element, problem)))
            elif name_of(element) == "embeddedXMLContent":
                errors += [
                    AlertFileError(located(inside, _("It is no CAP alert, and was left out.")))
                    for inside in list(element)[:_MOST_LEFT_OUT]
                    if next(carried_alerts(inside), None) is None
                ]
    return errors


def _apply(alert: AlertFile, *, status: str, kind: str) -> None:
    """What the envelope says holds for each alert in it."""
    if status != "Actual" and not alert.is_drill:
        alert.status = status
        alert.warnings.append(
            _("The message around it is marked %(status)s, not Actual: it can only open a drill.")
            % {"status": status}
        )
    if kind == "Cancel":
        for part in alert.parts:
            part.chosen = False
        alert.warnings.append(
            _("The message around it cancels an earlier one. Nothing of it is ticked.")
        )


def _target_areas(root: Element) -> list[Element]:
    direct = list(children(root, "targetArea"))
    return direct or [
        area for group in children(root, "targetAreas") for area in children(group, "targetArea")
    ]
