"""Points on the WGS84 ellipsoid by Vincenty's direct formula: the tests' own measure."""

from __future__ import annotations

import math

_EQUATOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563


def travel(latitude: float, longitude: float, bearing: float, metres: float) -> tuple[float, float]:
    """Where one arrives, as latitude and longitude in degrees (-180 to 180)."""
    pole_m = _EQUATOR_M * (1 - _FLATTENING)
    azimuth = math.radians(bearing)
    reduced = math.atan((1 - _FLATTENING) * math.tan(math.radians(latitude)))
    sin_u, cos_u = math.sin(reduced), math.cos(reduced)
    start = math.atan2(math.tan(reduced), math.cos(azimuth))
    sin_a = cos_u * math.sin(azimuth)
    cos2_a = 1 - sin_a * sin_a
    u2 = cos2_a * (_EQUATOR_M**2 - pole_m**2) / pole_m**2
    big_a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    big_b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    arc = first = metres / (pole_m * big_a)
    for _ in range(100):
        cos_m = math.cos(2 * start + arc)
        sin_s, cos_s = math.sin(arc), math.cos(arc)
        inner = cos_s * (2 * cos_m**2 - 1)
        inner -= big_b / 6 * cos_m * (4 * sin_s**2 - 3) * (4 * cos_m**2 - 3)
        following = first + big_b * sin_s * (cos_m + big_b / 4 * inner)
        if abs(following - arc) < 1e-13:
            break
        arc = following
    cos_m, sin_s, cos_s = math.cos(2 * start + arc), math.sin(arc), math.cos(arc)
    aside = sin_u * sin_s - cos_u * cos_s * math.cos(azimuth)
    end = math.atan2(
        sin_u * cos_s + cos_u * sin_s * math.cos(azimuth),
        (1 - _FLATTENING) * math.hypot(sin_a, aside),
    )
    turn = math.atan2(sin_s * math.sin(azimuth), cos_u * cos_s - sin_u * sin_s * math.cos(azimuth))
    c = _FLATTENING / 16 * cos2_a * (4 + _FLATTENING * (4 - 3 * cos2_a))
    inner = cos_m + c * cos_s * (2 * cos_m**2 - 1)
    along = turn - (1 - c) * _FLATTENING * sin_a * (arc + c * sin_s * inner)
    east = math.degrees(along) + longitude
    return math.degrees(end), (east + 180) % 360 - 180
