"""What an area must be, before anything is asked about it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

MOST_VERTICES = 100_000
# Degrees; the outlines of all countries together have 13,000. Looking for the cells along a comb
# with 20,000 teeth of five degrees takes most of a minute.
_LONGEST_OUTLINE = 40_000
GREATEST_RADIUS_KM = 5_000


# Repairing and joining more takes longer than a page may: what crosses so often no hand has drawn.
_MOST_CROSSINGS_OF_A_RING = 20_000
_MOST_CROSSINGS = 200_000
# Pairs of sides that may be tried to find out.
_MOST_TRIED = 500_000
# Of all the world's countries together, no parallel crosses more than 86 sides.
_MOST_CROSSED = 1_000
# Pairs of sides with overlapping boxes, each of which a test of validity looks at: a coast of
# 100,000 points has some hundred thousand, a slanting comb of as many teeth five thousand million.
_MOST_NEIGHBOURS = 5_000_000
_NEIGHBOURS_TRIED = 200


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
    if most_crossed(geometry) > _MOST_CROSSED or _neighbours(geometry) > _MOST_NEIGHBOURS:
        raise InvalidArea(_("The area's outline is far too long. Simplify it and try again."))
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


def most_crossed(geometry: BaseGeometry) -> int:
    """How many sides one parallel crosses, where they are most: every test of a point looks at
    each of those at its latitude."""
    points, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(geometry)), return_index=True
    )
    follows = ring[1:] == ring[:-1]
    one, two = points[:-1, 1][follows], points[1:, 1][follows]
    begun, ended = np.sort(np.minimum(one, two)), np.sort(np.maximum(one, two))
    depths = np.arange(1, len(begun) + 1) - np.searchsorted(ended, begun)
    return int(depths.max(initial=0))


def _neighbours(geometry: BaseGeometry) -> int:
    """How many pairs of sides have boxes that overlap, by a sample; few points are not counted."""
    if int(shapely.get_num_coordinates(geometry)) ** 2 < 2 * _MOST_NEIGHBOURS:
        return 0
    sides, _of_ring = _sides(geometry)
    step = max(1, len(sides) // _NEIGHBOURS_TRIED)
    return int(shapely.STRtree(sides).query(sides[::step]).shape[1]) * step // 2


def _sides(geometry: BaseGeometry) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """The sides of all rings as lines, and the number of the ring that each belongs to."""
    points, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(geometry)), return_index=True
    )
    follows = ring[1:] == ring[:-1]
    sides = shapely.linestrings(np.stack([points[:-1][follows], points[1:][follows]], axis=1))
    return sides, ring[:-1][follows]


def check_crossings(geometry: BaseGeometry) -> None:
    """Raise InvalidArea for what crosses itself too often to be repaired, judged by a sample."""
    sides, of_ring = _sides(geometry)
    if not len(sides):
        return
    step = max(1, len(sides) ** 2 // _MOST_TRIED)
    one, two = shapely.STRtree(sides).query(sides[::step], predicate="crosses")
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
