"""The areas that are measured, and windows of days; each can be had as nothing has seen it yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np
import shapely
from django.utils import timezone

from geography import countries
from geography.areas import Area

# About a millimetre: another area to every cache, and the same people.
_HAIR_DEGREES = 1e-8
_HAIR_KM = 1e-6
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Ground:
    """An area by name; `build` takes how many hairs it differs by from the one it is named for."""

    name: str
    build: Callable[[int], Area]
    is_metropolitan: bool = False

    def area(self) -> Area:
        return self.build(0)

    def unseen(self) -> Area:
        """The same ground as an area that no cache of the portal holds, by whatever key."""
        return self.build(next(_numbers))


def grounds() -> list[Ground]:
    return [
        _circle("100 km around Kathmandu", 27.7017, 85.3206, 100),
        _circle("150 km around Tokyo", 35.6895, 139.69171, 150),
        _circle("50 km around Santiago", -33.45694, -70.64827, 50),
        _country("Haiti", "HT"),
        _country("Chile", "CL"),
        _country("Turkey", "TR"),
        _country("United States", "US"),
    ]


def window() -> tuple[dt.datetime, dt.datetime]:
    """From now on, for three days."""
    now = timezone.now()
    return now, now + dt.timedelta(hours=72)


def _circle(name: str, latitude: float, longitude: float, radius_km: float) -> Ground:
    return Ground(
        name,
        lambda hairs: Area.circle(latitude, longitude, radius_km + hairs * _HAIR_KM),
        is_metropolitan=True,
    )


def _country(name: str, code: str) -> Ground:
    """The country's polygons without its code, so that the cells have to find who is there."""
    boundary = countries.boundary(code)

    def build(hairs: int) -> Area:
        north = np.array([0, hairs * _HAIR_DEGREES])
        return Area.from_polygons([shapely.transform(boundary, lambda points: points + north)])

    return Ground(name, build)
