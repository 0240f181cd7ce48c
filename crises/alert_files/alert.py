"""What an alert file says, once it has been read: facts and shapes, no opinion."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files.errors import AlertFileError
from geography.areas import Area, InvalidArea


@dataclass(frozen=True, slots=True)
class Circle:
    """Degrees north and east; kilometres."""

    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Geocode:
    """An area named by a code of some authority, such as UGC or SAME."""

    name: str
    value: str


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
    references: str = ""
    is_signed: bool = False
    languages: list[str] = field(default_factory=list)
    area_descriptions: list[str] = field(default_factory=list)
    polygons: list[Polygon] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    geocodes: list[Geocode] = field(default_factory=list)
    # Parts of the area that the file only names by code: nobody there is selected by this file.
    unresolved: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_drill(self) -> bool:
        """Anything but Actual (Exercise, System, Test, Draft) may never pass for a real warning."""
        return self.status != "Actual"

    @property
    def has_shape(self) -> bool:
        return bool(self.polygons or self.circles)

    @property
    def label(self) -> str:
        """The area in the authority's own words."""
        return ", ".join(self.area_descriptions)[:200] or self.headline[:200] or self.event[:200]

    def is_expired(self, now: datetime | None = None) -> bool:
        return self.expires is not None and self.expires < (now or timezone.now())

    def area(self) -> Area:
        """All polygons and circles as one area. Raises AlertFileError when they make none."""
        if not self.has_shape:
            raise AlertFileError(
                _("This file draws no area. Type the place, the coordinates or the countries.")
            )
        try:
            discs = [
                Area.circle(circle.latitude, circle.longitude, circle.radius_km).geometry
                for circle in self.circles
            ]
            return Area.from_polygons([*self.polygons, *discs])
        except InvalidArea as error:
            raise AlertFileError(str(error)) from error

    def facts(self) -> dict[str, str | list[str] | None]:
        """What is kept beside the affected area, so that it can be traced to its alert."""
        return {
            "identifier": self.identifier,
            "sender": self.sender,
            "sender_name": self.sender_name,
            "sent": self.sent.isoformat(),
            "status": self.status,
            "msg_type": self.msg_type,
            "references": self.references,
            "event": self.event,
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
