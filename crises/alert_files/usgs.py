"""USGS earthquakes in GeoJSON: an event, or a feed of events, each with its circles of shaking."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile, Part
from crises.alert_files.errors import AlertFileError
from crises.alert_files.intensity import DAMAGE, FELT, reach_km
from crises.alert_files.json_document import Item, JsonDocument, error_at
from crises.alert_files.rings import RingMender
from crises.alert_files.wording import clean
from geography.validation import GREATEST_RADIUS_KM

# An officer chooses one of them; a month's feed holds thousands.
MAX_EVENTS = 100
# Offered, and not ticked, where the equation has the shaking reach MMI V nowhere.
_LEAST_RADIUS_KM = 25.0
_DEEPEST_KM = 800.0
_USUAL_DEPTH_KM = 10.0  # what the USGS itself writes where a depth cannot be told
_ROMAN = {FELT: "V", DAMAGE: "VI"}
_FITTED_UP_TO = 7.9


def is_event(value: Any) -> bool:
    """Whether a feature is an earthquake as the USGS writes it."""
    if not isinstance(value, dict) or value.get("type") != "Feature":
        return False
    properties = value.get("properties")
    return isinstance(properties, dict) and {"mag", "time"} <= properties.keys()


def is_feed(document: JsonDocument) -> bool:
    metadata = document.members.get("metadata")
    by_usgs = isinstance(metadata, dict) and "earthquake.usgs.gov" in str(metadata.get("url"))
    items = document.items or []
    return by_usgs or (bool(items) and all(is_event(item.value) for item in items))


def read_event(document: JsonDocument) -> AlertFile:
    """The one event of a file. Raises AlertFileError naming the member that is wrong."""
    return _read(Item("Feature", document.line, document.members), RingMender())


def read_feed(document: JsonDocument) -> tuple[list[AlertFile], list[str]]:
    """The events of a feed, strongest first, and what is to be said of those left out."""
    mender, remarks = RingMender(), []
    alerts: list[AlertFile] = []
    first_error: AlertFileError | None = None
    strongest = sorted(document.items or [], key=lambda item: -_magnitude_or_less(item.value))
    if not strongest:
        raise AlertFileError(_("This feed holds no earthquakes."))
    for item in strongest[:MAX_EVENTS]:
        try:
            alerts.append(_read(item, mender))
        except AlertFileError as error:
            first_error = first_error or error
            remarks.append(error.message)
    if first_error and not alerts:
        raise first_error
    if len(strongest) > MAX_EVENTS:
        remarks.append(
            _("The feed holds %(all)d earthquakes. The %(most)d strongest were read.")
            % {"all": len(strongest), "most": MAX_EVENTS}
        )
    return alerts, remarks


def _read(item: Item, mender: RingMender) -> AlertFile:
    event = item.value
    if not is_event(event):
        raise error_at(
            item.name, item.line, _("This is not an earthquake: “mag” or “time” is missing.")
        )
    properties: dict[str, Any] = event["properties"]
    longitude, latitude, given_depth_km = _epicentre(item)
    depth_km = _USUAL_DEPTH_KM if given_depth_km is None else given_depth_km
    magnitude = _number(item, "mag", -2.0, 10.0)
    moment = _moment(properties.get("time"))
    if moment is None:
        raise error_at(
            item.name,
            item.line,
            _("“properties.time” is %(value)s, which is no time in milliseconds since 1970.")
            % {"value": _shown(properties.get("time"))},
        )
    updated = _moment(properties.get("updated"))
    place = clean(properties.get("place"))
    kind = clean(properties.get("type"), 40) or "earthquake"
    identifier = clean(event.get("id"), 80) or clean(properties.get("code"), 80)
    alert = AlertFile(
        identifier=identifier or moment.isoformat(),
        sender="earthquake.usgs.gov",
        sent=updated or moment,
        # The catalogue's scenarios are made for exercises; nothing shook.
        status="Exercise" if kind == "scenario" or identifier.endswith("_se") else "Actual",
        msg_type="Cancel" if properties.get("status") == "deleted" else "Alert",
        event=kind.capitalize(),
        urgency="Unknown",
        severity="Unknown",
        certainty="Unknown",
        language="en-US",
        scope="Public",
        sender_name="U.S. Geological Survey",
        headline=clean(properties.get("title")) or f"M {magnitude:g} - {place}".rstrip(" -"),
        effective=moment,
        area_descriptions=[place] if place else [],
        hazard="earthquake" if kind in ("earthquake", "scenario") else "",
        measures=_measures(properties, magnitude, depth_km),
    )
    if alert.msg_type == "Cancel":
        alert.warnings.append(_("The USGS has deleted this event: it did not happen so."))
    if alert.is_drill:
        alert.warnings.append(_("This is a scenario, not an earthquake: it can only open a drill."))
    if given_depth_km is None:
        alert.warnings.append(
            _("The event gives no depth: %(depth)d km was taken.") % {"depth": _USUAL_DEPTH_KM}
        )
    if properties.get("tsunami") == 1:
        alert.warnings.append(
            _("The USGS points to a tsunami warning. Its area is not in this file.")
        )
    alert.parts = [
        _circle(item, mender, (latitude, longitude), (magnitude, depth_km), intensity)
        for intensity in (FELT, DAMAGE)
        if intensity == FELT or reach_km(magnitude, depth_km, intensity)
    ]
    return alert


def _circle(
    item: Item,
    mender: RingMender,
    epicentre: tuple[float, float],
    source: tuple[float, float],
    intensity: float,
) -> Part:
    """The part of one intensity; the wider one, where nearly everyone felt it, is ticked."""
    magnitude, depth_km = source
    found_km = reach_km(magnitude, depth_km, intensity)
    radius_km = min(max(math.ceil(found_km), _LEAST_RADIUS_KM), GREATEST_RADIUS_KM)
    part = Part(
        name=f"MMI {_ROMAN[intensity]}",
        element=item.name,
        line=item.line,
        chosen=intensity == FELT and found_km > 0,
    )
    part.polygons = mender.disc(*epicentre, radius_km)
    if not found_km:
        part.remarks.append(
            _(
                "At this depth and magnitude, intensity %(intensity)s is expected nowhere. A "
                "circle of %(radius)d km about the epicentre is offered."
            )
            % {"intensity": _ROMAN[intensity], "radius": radius_km}
        )
        return part
    part.remarks.append(
        _(
            "A circle of %(radius)d km about the epicentre: how far intensity %(intensity)s is "
            "expected at magnitude %(magnitude)s and a depth of %(depth)s km (Allen, Wald and "
            "Worden 2012), and the length of the rupture (Wells and Coppersmith 1994), since its "
            "direction is not known. A ShakeMap is more exact."
        )
        % {
            "radius": radius_km,
            "intensity": _ROMAN[intensity],
            "magnitude": f"{magnitude:g}",
            "depth": f"{depth_km:g}",
        }
    )
    if magnitude > _FITTED_UP_TO:
        part.remarks.append(
            _("The equation was fitted to magnitudes up to %(most)s: take this as a rough guide.")
            % {"most": _FITTED_UP_TO}
        )
    return part


def _epicentre(item: Item) -> tuple[float, float, float | None]:
    """Longitude and latitude in degrees, depth in km (None where no usable one is given)."""
    geometry = item.value.get("geometry")
    point = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if (
        not isinstance(point, list)
        or len(point) < 2
        or not all(type(number) is float and math.isfinite(number) for number in point[:2])
    ):
        raise error_at(
            item.name,
            item.line,
            _("“geometry.coordinates” must be [longitude, latitude, depth], and is %(value)s.")
            % {"value": _shown(point)},
        )
    longitude, latitude = point[:2]
    if abs(latitude) > 90 or abs(longitude) > 360:
        raise error_at(
            item.name,
            item.line,
            _("“geometry.coordinates” lies nowhere on earth: %(value)s. Are they swapped?")
            % {"value": _shown(point[:2])},
        )
    depth = point[2] if len(point) > 2 else None
    if type(depth) is not float or not -10 <= depth <= _DEEPEST_KM:
        return longitude, latitude, None
    return longitude, latitude, max(depth, 0.0)


def _number(item: Item, key: str, least: float, most: float) -> float:
    value = item.value["properties"].get(key)
    if type(value) is not float or not least <= value <= most:
        raise error_at(
            item.name,
            item.line,
            _("“properties.%(key)s” is %(value)s, and must be a number from %(least)g to %(most)g.")
            % {"key": key, "value": _shown(value), "least": least, "most": most},
        )
    return value


def _magnitude_or_less(value: Any) -> float:
    magnitude = value["properties"]["mag"] if is_event(value) else None
    return magnitude if type(magnitude) is float and magnitude <= 10 else -99.0


def _moment(milliseconds: Any) -> datetime | None:
    if type(milliseconds) is not float or not 0 < milliseconds < 7_258_118_400_000:  # the year 2200
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _measures(properties: dict[str, Any], magnitude: float, depth_km: float) -> dict[str, str]:
    measures = {"magnitude": f"{magnitude:g}", "depth_km": f"{depth_km:g}"}
    level = clean(properties.get("alert"), 20)
    if level:
        measures["alert_level"] = level.capitalize()
    for key, member in (("mmi", "mmi"), ("felt_reports", "felt")):
        value = clean(properties.get(member), 20)
        if value:
            measures[key] = value
    return measures


def _shown(value: Any) -> str:
    return clean(str(value)[:200], 40)
