"""Distances and outlines on the Earth, in degrees and metres of WGS84, erring on the wide side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# The least and the greatest radius of curvature of the WGS84 ellipsoid, in metres (the meridian's
# at the equator, and at the poles). With the first, an angle is never too small for a distance.
LEAST_RADIUS_M = 6_335_439.0
GREATEST_RADIUS_M = 6_399_594.0
MEAN_RADIUS_M = 6_371_008.8


def widest_angle(distance_m: float) -> float:
    """The angle in degrees that a distance never exceeds, wherever on the ellipsoid it lies."""
    return float(np.degrees(distance_m / LEAST_RADIUS_M))


def rings(latitudes: Floats, longitudes: Floats, angles: Floats, corners: int) -> Floats:
    """Points around each centre at its angle: array (centres, corners + 1, 2) of lon, lat degrees.

    Closed, counter-clockwise seen from outside the Earth. Longitudes are continuous around the
    centre's own and may pass 180.
    """
    bearings = np.linspace(0.0, -2 * np.pi, corners + 1)
    bearings[-1] = bearings[0]
    lat, lon, angle = (np.radians(values)[:, None] for values in (latitudes, longitudes, angles))
    sin_lat = np.sin(lat) * np.cos(angle) + np.cos(lat) * np.sin(angle) * np.cos(bearings)
    ring_lat = np.arcsin(np.clip(sin_lat, -1.0, 1.0))
    # This form of the formula also holds at the poles.
    ring_lon = lon + np.arctan2(
        np.sin(bearings) * np.sin(angle),
        np.cos(lat) * np.cos(angle) - np.sin(lat) * np.sin(angle) * np.cos(bearings),
    )
    return np.stack([np.degrees(ring_lon), np.degrees(ring_lat)], axis=-1)


def cap_bounds(latitudes: Floats, longitudes: Floats, angle: float | Floats) -> Floats:
    """The box of lon, lat degrees around every cap of that angle, or each of its own: (caps, 4).

    West and east are continuous around the centre and may pass 180; a cap that holds a pole, or
    comes so near to one that it spans a quarter of the Earth, takes every longitude.
    """
    south, north = latitudes - angle, latitudes + angle
    ratio = np.sin(np.radians(angle)) / np.maximum(np.cos(np.radians(latitudes)), 1e-12)
    polar = (north >= 90) | (south <= -90) | (ratio >= np.sin(np.pi / 4))
    half = np.degrees(np.arcsin(np.clip(ratio, 0, 1)))
    west = np.where(polar, -180.0, longitudes - half)
    east = np.where(polar, 180.0, longitudes + half)
    return np.stack([west, np.maximum(south, -90), east, np.minimum(north, 90)], axis=-1)


def angles_between(
    latitude: float, longitude: float, latitudes: Floats, longitudes: Floats
) -> Floats:
    """Degrees of arc from one point to each of the others."""
    lat, lats = np.radians(latitude), np.radians(latitudes)
    half_lon = np.radians(longitudes - longitude) / 2
    chord = np.sin((lats - lat) / 2) ** 2 + np.cos(lat) * np.cos(lats) * np.sin(half_lon) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(np.clip(chord, 0, 1))))


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude at a latitude, on the WGS84 ellipsoid."""
    eccentricity_squared = 0.006694379990141
    equator_m = 6_378_137.0
    sine = np.sin(np.radians(latitude))
    root = 1 - eccentricity_squared * sine * sine
    meridian = equator_m * (1 - eccentricity_squared) / root**1.5
    normal = equator_m / root**0.5
    along = normal * np.cos(np.radians(latitude))
    return float(np.radians(along)), float(np.radians(meridian))
