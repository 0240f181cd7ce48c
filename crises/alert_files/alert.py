"""What an alert file says, once it has been read: facts and shapes, no opinion."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files.errors import AlertFileError
from crises.alert_files.formats import FileFormat
from geography.areas import Area, InvalidArea

_STALE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Circle:
    """Degrees north and east; kilometres."""

    latitude: float
    longitude: float
    radius_km: float


class Reference(NamedTuple):
    """An earlier message that this one is about, as CAP's `<references>` names it."""

    sender: str
    identifier: str
    sent: datetime | None


@dataclass(slots=True)
class Part:
    """One element of a file that says where, and what became of it."""

    name: str  # in the file's words: "Costa de Chiapas", "MMI 6.5", "UGC AKZ185"
    element: str  # "<polygon>", "<circle>", "<geocode>", "features[3]", "<Placemark>"
    line: int  # where it begins, from 1; 0 where that is not known
    polygons: list[Polygon] = field(default_factory=list)  # lon, lat; valid; empty: not understood
    countries: tuple[str, ...] = ()  # ISO codes that it names whole
    remarks: list[str] = field(default_factory=list)  # what was repaired, or why not understood
    chosen: bool = True  # ticked at first

    @property
    def understood(self) -> bool:
        return bool(self.polygons or self.countries)


@dataclass(slots=True)
class AlertFile:
    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    event: str
    urgency: str
    severity: str
    certainty: str
    language: str
    scope: str = ""
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    effective: datetime | None = None
    expires: datetime | None = None
    references: list[Reference] = field(default_factory=list)
    is_signed: bool = False
    languages: list[str] = field(default_factory=list)
    area_descriptions: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    # What was measured, by the field's words: {"magnitude": "7.1", "alert_level": "Orange"}.
    measures: dict[str, str] = field(default_factory=dict)
    # "earthquake", "tsunami", "tropical_cyclone", "flood" ...; empty where it is not known.
    hazard: str = ""
    # Parts of the area that the file only names by code: nobody there is selected by this file.
    unresolved: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_drill(self) -> bool:
        """Anything but Actual (Exercise, System, Test, Draft) may never pass for a real warning."""
        return self.status != "Actual"

    @property
    def is_update(self) -> bool:
        return self.msg_type == "Update"

    @property
    def is_cancel(self) -> bool:
        return self.msg_type == "Cancel"

    @property
    def supersedes(self) -> list[str]:
        """Identifiers of the alerts that this one takes the place of, or takes back."""
        if not (self.is_update or self.is_cancel):
            return []
        return list(dict.fromkeys(reference.identifier for reference in self.references))

    @property
    def has_shape(self) -> bool:
        """Whether what is ticked at first makes an area."""
        return any(part.chosen and part.understood for part in self.parts)

    @property
    def polygons(self) -> list[Polygon]:
        """What is drawn among the parts ticked at first."""
        return [polygon for part in self.parts if part.chosen for polygon in part.polygons]

    @property
    def label(self) -> str:
        """The area in the authority's own words."""
        return ", ".join(self.area_descriptions)[:200] or self.headline[:200] or self.event[:200]

    def is_expired(self, now: datetime | None = None) -> bool:
        return self.expires is not None and self.expires < (now or timezone.now())

    def warnings_of_age(self) -> list[str]:
        """What an officer must know of its dates before using it."""
        now = timezone.now()
        found = []
        if self.is_expired(now):
            found.append(_("This alert has expired. Check that nothing newer has been issued."))
        elif now - self.sent > _STALE:
            found.append(_("This alert was sent more than 30 days ago. Check that it still holds."))
        if self.sent - now > timedelta(days=1):
            found.append(_("The date on which it was sent lies in the future."))
        return found

    def area(self, parts: list[Part] | None = None) -> Area:
        """The given parts (else those ticked at first) as one area.

        Raises AlertFileError when they make none.
        """
        if parts is None:
            parts = [part for part in self.parts if part.chosen]
        polygons = [polygon for part in parts for polygon in part.polygons]
        countries = sorted({code for part in parts for code in part.countries})
        if not (polygons or countries):
            raise AlertFileError(
                _("This file draws no area. Type the place, the coordinates or the countries.")
            )
        try:
            areas = [Area.from_polygons(polygons)] if polygons else []
            return Area.union([*areas, Area.countries(countries)] if countries else areas)
        except InvalidArea as error:
            raise AlertFileError(str(error)) from error

    def facts(self) -> dict[str, Any]:
        """What is kept beside the affected area, so that it can be traced to its alert."""
        return {
            "identifier": self.identifier,
            "sender": self.sender,
            "sender_name": self.sender_name,
            "sent": self.sent.isoformat(),
            "status": self.status,
            "msg_type": self.msg_type,
            "references": [
                [each.sender, each.identifier, each.sent.isoformat() if each.sent else ""]
                for each in self.references
            ],
            "supersedes": self.supersedes,
            "event": self.event,
            "hazard": self.hazard,
            "measures": self.measures,
            "headline": self.headline,
            "description": self.description,
            "instruction": self.instruction,
            "area_description": ", ".join(self.area_descriptions),
            "language": self.language,
            "urgency": self.urgency,
            "severity": self.severity,
            "certainty": self.certainty,
            "effective": self.effective.isoformat() if self.effective else None,
            "expires": self.expires.isoformat() if self.expires else None,
            "unresolved": self.unresolved,
            "warnings": self.warnings,
        }


@dataclass(slots=True)
class ReadFile:
    """A file and its alerts: one or more, in the file's order."""

    format: FileFormat
    alerts: list[AlertFile]
    remarks: list[str] = field(default_factory=list)  # on the file as a whole
