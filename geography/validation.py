"""What an area must be, before anything is asked about it."""

from __future__ import annotations

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

MOST_VERTICES = 100_000
# Degrees; the outlines of all countries together have 13,000. A comb as wide as an ocean with
# 20,000 teeth has two million, and looking for the cells along it took half a minute.
_LONGEST_OUTLINE = 200_000
GREATEST_RADIUS_KM = 5_000


# Repairing and joining more takes longer than a page may: what crosses so often no hand has drawn.
_MOST_CROSSINGS_OF_A_RING = 20_000
_MOST_CROSSINGS = 200_000
# Pairs of sides that may be tried to find out.
_MOST_TRIED = 500_000


class InvalidArea(ValueError):
    """An area that cannot be used; the message is translated and fit for the page."""


class SwappedCoordinates(InvalidArea):
    """It cannot be used as it stands, but could be with latitude and longitude exchanged."""


def looks_swapped(geometry: BaseGeometry) -> bool:
    """Whether latitudes lie beyond 90 degrees and would not, were they the longitudes."""
    points = shapely.get_coordinates(geometry)
    if not len(points):
        return False
    first, second = np.abs(points[:, 0]).max(), np.abs(points[:, 1]).max()
    return bool(90 < second <= 180 and first <= 90)


def check_coordinates(geometry: BaseGeometry) -> None:
    """Raise InvalidArea for what no repair can make an area of."""
    vertices = shapely.get_num_coordinates(geometry)
    if geometry.is_empty or not vertices:
        raise InvalidArea(_("The area is empty. Give at least one polygon, circle or country."))
    if vertices > MOST_VERTICES:
        raise InvalidArea(
            _("The area has %(count)d points. The most is %(most)d: simplify it and try again.")
            % {"count": vertices, "most": MOST_VERTICES}
        )
    if shapely.length(geometry) > _LONGEST_OUTLINE:
        raise InvalidArea(_("The area's outline is far too long. Simplify it and try again."))
    points = shapely.get_coordinates(geometry)
    if not np.isfinite(points).all():
        raise InvalidArea(_("The area has a coordinate that is not a number."))
    if looks_swapped(geometry):
        raise SwappedCoordinates(
            _("Latitude and longitude look swapped: a latitude lies beyond 90 degrees.")
        )
    if np.abs(points[:, 1]).max() > 90 or np.abs(points[:, 0]).max() > 540:
        raise InvalidArea(
            _(
                "A coordinate is out of range: latitude goes from -90 to 90,"
                " longitude from -180 to 180."
            )
        )


def check_crossings(geometry: BaseGeometry) -> None:
    """Raise InvalidArea for what crosses itself too often to be repaired, judged by a sample."""
    points, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(geometry)), return_index=True
    )
    follows = ring[1:] == ring[:-1]
    sides = shapely.linestrings(np.stack([points[:-1][follows], points[1:][follows]], axis=1))
    if not len(sides):
        return
    step = max(1, len(sides) ** 2 // _MOST_TRIED)
    one, two = shapely.STRtree(sides).query(sides[::step], predicate="crosses")
    of_ring = ring[:-1][follows]
    within = int(np.count_nonzero(of_ring[one * step] == of_ring[two])) * step // 2
    crossings = len(one) * step // 2
    if within > _MOST_CROSSINGS_OF_A_RING or crossings > _MOST_CROSSINGS:
        raise InvalidArea(
            _("The outlines cross about %(count)d times. Draw the area without crossings.")
            % {"count": crossings}
        )


def swapped(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry with latitude and longitude exchanged."""
    return shapely.transform(geometry, lambda points: points[:, ::-1])


def check_circle(latitude: float, longitude: float, radius_km: float) -> None:
    if not (np.isfinite(radius_km) and 0 < radius_km <= GREATEST_RADIUS_KM):
        raise InvalidArea(
            _("The radius must be more than 0 and at most %(most)d km.")
            % {"most": GREATEST_RADIUS_KM}
        )
    if not (np.isfinite([latitude, longitude]).all()):
        raise InvalidArea(_("The area has a coordinate that is not a number."))
    if abs(latitude) > 90 and abs(latitude) <= 180 and abs(longitude) <= 90:
        raise SwappedCoordinates(
            _("Latitude and longitude look swapped: a latitude lies beyond 90 degrees.")
        )
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise InvalidArea(
            _(
                "A coordinate is out of range: latitude goes from -90 to 90,"
                " longitude from -180 to 180."
            )
        )
