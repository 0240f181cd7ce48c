"""GDACS's feed of disasters: each item an alert, with its measures and what it says of where."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile
from crises.alert_files.elements import (
    LONG_TEXT,
    first,
    located,
    moment_of,
    name_of,
    namespace_of,
    required,
    text,
)
from crises.alert_files.errors import AlertFileError
from crises.alert_files.gdacs_areas import GdacsAreaReader

NAMESPACE = "http://www.gdacs.org"
# By the two letters of <gdacs:eventtype>.
_HAZARDS = {
    "DR": "drought",
    "EQ": "earthquake",
    "FL": "flood",
    "TC": "tropical_cyclone",
    "TS": "tsunami",
    "VO": "volcano",
    "WF": "wildfire",
}
_LEVELS = ("Green", "Orange", "Red")
_DEPTH = re.compile(r"Depth:\s*(\d{1,4}(?:\.\d{1,4})?)\s*km", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?", re.ASCII)


def is_gdacs(item: Element) -> bool:
    """Whether an `<item>` of a feed is one of GDACS's events."""
    return any(
        name_of(element) == "eventtype" and namespace_of(element).rstrip("/") == NAMESPACE
        for element in item
    )


def alert_of(item: Element, areas: GdacsAreaReader) -> AlertFile:
    """One event. Raises AlertFileError, which names the element that is missing or wrong."""
    kind = required(item, "eventtype").upper()
    hazard = _HAZARDS.get(kind, "")
    sent = _date(item, "pubDate")
    if sent is None:
        found = first(item, "pubDate")
        raise AlertFileError(
            located(item if found is None else found, _("It gives no date and time of this age."))
        )
    title = required(item, "title")
    alert = AlertFile(
        identifier=text(item, "guid", 100) or f"{kind}{required(item, 'eventid')}",
        sender="www.gdacs.org",
        sent=sent,
        status="Actual",
        msg_type="Alert",
        event=_event(hazard) or kind,
        urgency="Unknown",
        severity="Unknown",
        certainty="Unknown",
        language="en",
        scope="Public",
        sender_name="Global Disaster Alert and Coordination System (GDACS)",
        headline=title,
        description=text(item, "description", LONG_TEXT),
        effective=_date(item, "fromdate"),
        languages=["en"],
        hazard=hazard,
        measures=_measures(item, hazard),
    )
    name = text(item, "eventname", 100)
    countries = text(item, "country")
    alert.area_descriptions = [each for each in (name, countries) if each]
    areas.read(alert, item)
    _warn(alert, item)
    return alert


def _event(hazard: str) -> str:
    return {
        "drought": _("Drought"),
        "earthquake": _("Earthquake"),
        "flood": _("Flood"),
        "tropical_cyclone": _("Tropical cyclone"),
        "tsunami": _("Tsunami"),
        "volcano": _("Volcanic eruption"),
        "wildfire": _("Wildfire"),
    }.get(hazard, "")


def _measures(item: Element, hazard: str) -> dict[str, str]:
    """`severity` and `population` in the feed's own words, and the numbers behind them."""
    measures = {
        "alert_level": text(item, "alertlevel", 20).capitalize(),
        "severity": text(item, "severity", 200),
        "population": text(item, "population", 200),
    }
    severity = first(item, "severity")
    number = "" if severity is None else severity.get("value", "").strip()
    if _NUMBER.fullmatch(number):
        unit = "" if severity is None else severity.get("unit", "").strip()
        if hazard == "earthquake":
            measures["magnitude"] = number
            depth = _DEPTH.search(measures["severity"])
            measures["depth_km"] = depth.group(1) if depth else ""
        elif unit == "km/h":
            measures["wind_km_h"] = f"{float(number):.0f}"
        elif unit == "km2":
            measures["square_km"] = number
    if measures["alert_level"] not in _LEVELS:
        del measures["alert_level"]
    return {key: value for key, value in measures.items() if value}


def _warn(alert: AlertFile, item: Element) -> None:
    if text(item, "iscurrent", 10).lower() == "false":
        alert.warnings.append(_("GDACS no longer counts this event among the current ones."))
    if text(item, "temporary", 10).lower() == "true":
        alert.warnings.append(_("GDACS calls this a first estimate, which may still change."))
    alert.warnings += alert.warnings_of_age()
    if alert.unresolved:
        alert.warnings.append(
            _("Not every country that it names was recognised: %(names)s.")
            % {"names": ", ".join(alert.unresolved[:5])}
        )
    if alert.hazard == "tropical_cyclone":
        alert.warnings.append(
            _(
                "The cyclone's track and wind radii are only in files that the feed links to, "
                "which are not fetched. Get its GeoJSON or KML from GDACS for the exact area."
            )
        )
    if "tsunami" in text(item, "calculationtype", 100).lower() or alert.hazard == "tsunami":
        alert.warnings.append(
            _("GDACS reckons with a tsunami. The coasts that it may reach are not in this file.")
        )
    if not alert.has_shape:
        alert.warnings.append(
            located(item, _("Nothing here says where in a way that can be used: type the places."))
        )


def _date(item: Element, name: str) -> datetime | None:
    """As e-mail writes dates ("Mon, 30 Dec 2019 00:17:00 GMT"), or ISO 8601; aware, in UTC."""
    value = text(item, name, 60)
    try:
        moment = parsedate_to_datetime(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return moment_of(value)
    return moment if 1970 <= moment.year <= 2200 else None
