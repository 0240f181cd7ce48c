"""How far an earthquake is felt, by published equations, erring on the wide side."""

from __future__ import annotations

import math

# Modified Mercalli: V is felt by nearly everyone and upsets things; damage begins with VI.
FELT, DAMAGE = 5.0, 6.0


def predicted_intensity(magnitude: float, distance_km: float) -> float:
    """The median intensity (MMI) on average ground at a distance from the rupture in km.

    Allen, T. I., Wald, D. J. and Worden, C. B. (2012), Intensity attenuation for active crustal
    regions, Journal of Seismology 16, 409-433: the form for rupture distance, fitted to
    magnitudes 5.0 to 7.9 and distances up to 300 km. Its standard deviation is 0.72 to 0.95.
    """
    saturation = 1 + 0.813 * math.exp(magnitude - 5)
    return 3.950 + 0.913 * magnitude - 1.107 * math.log(math.hypot(distance_km, saturation))


def rupture_length_km(magnitude: float) -> float:
    """Length below ground, all kinds of slip: Wells and Coppersmith (1994), BSSA 84, 974-1002."""
    return 10 ** (-2.44 + 0.59 * magnitude)


def rupture_width_km(magnitude: float) -> float:
    """Width down the dip, all kinds of slip: Wells and Coppersmith (1994), BSSA 84, 974-1002."""
    return 10 ** (-1.01 + 0.32 * magnitude)


def reach_km(magnitude: float, depth_km: float, intensity: float) -> float:
    """The radius about the epicentre beyond which the median intensity is less; 0 for nowhere.

    Which way the rupture ran is not known yet, so it is let run its whole length every way from
    the epicentre, and its whole width upward from the hypocentre.
    """
    saturation = 1 + 0.813 * math.exp(magnitude - 5)
    slant = math.exp((3.950 + 0.913 * magnitude - intensity) / 1.107)
    top = max(0.0, depth_km - rupture_width_km(magnitude))
    square = slant**2 - saturation**2 - top**2
    return math.sqrt(square) + rupture_length_km(magnitude) if square > 0 else 0.0
