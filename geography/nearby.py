"""The place nearest to a point: what names a pin and gives it a time zone."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
from django.db.models import Q

from geography.cells import range_of
from geography.models import Place
from geography.sphere import MEAN_RADIUS_M, angles_between

# A coarse cell with its neighbours holds every point within so many kilometres of any of its own
# (less than the shortest edge of its resolution, since children reach beyond their parent). Nearly
# every point is answered by the first or second.
_NEIGHBOURHOODS = ((6, 2.0), (5, 5.0), (4, 14.0), (3, 40.0), (2, 105.0), (1, 280.0))


def nearest_place(latitude: float, longitude: float) -> Place | None:
    """The place nearest to the point, or None where there is none within 280 km."""
    for resolution, reach_km in _NEIGHBOURHOODS:
        around = Q(pk__in=[])
        for cell in h3.grid_disk(h3.latlng_to_cell(latitude, longitude, resolution), 1):
            around |= Q(cell__range=range_of(cell))
        rows = Place.objects.filter(around).values_list("pk", "latitude", "longitude")
        points = np.array(rows, dtype=np.float64).reshape(-1, 3)
        if not len(points):
            continue
        away = angles_between(latitude, longitude, points[:, 1], points[:, 2])
        nearest = int(np.argmin(away))
        if np.radians(away[nearest]) * MEAN_RADIUS_M <= reach_km * 1000:
            return Place.objects.get(pk=int(points[nearest, 0]))
    return None


def time_zone_at(latitude: float, longitude: float) -> str:
    """The IANA time zone of the nearest place; far from any, the nautical zone."""
    place = nearest_place(latitude, longitude)
    return nautical_zone(longitude) if place is None else place.time_zone


def nautical_zone(longitude: float) -> str:
    """The time zone that ships keep on the high seas."""
    hours = round(longitude / 15)
    # POSIX counts westward: Etc/GMT-3 is three hours ahead of Greenwich.
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
