"""Areas at random: circles, stars, combs, slivers, with holes, cut, over antimeridian and poles."""

from __future__ import annotations

import math

import h3.api.basic_int as h3
import numpy as np
import shapely
from hypothesis import assume
from hypothesis import strategies as st

from geography.areas import Area, InvalidArea
from geography.cells import RESOLUTION, Cells
from tests.geodesics import travel

_LATITUDES = st.one_of(st.floats(-89, 89), st.sampled_from([-89.9, -60.0, 0.0, 84.0, 89.9]))
_LONGITUDES = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, -179.99, 179.9, 180.0]))
_SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def areas(draw: st.DrawFn) -> Area:
    """From a few metres to some hundred kilometres wide, so that every cell of a border counts."""
    latitude, longitude = draw(_LATITUDES), draw(_LONGITUDES)
    area = _one(draw, latitude, longitude)
    if draw(st.booleans()):
        other = _one(draw, latitude, longitude + draw(st.floats(-1, 1)))
        try:
            area = area.minus(other)
        except InvalidArea:
            assume(False)
    return area


def _one(draw: st.DrawFn, latitude: float, longitude: float) -> Area:
    kind = draw(st.sampled_from(["circle", "star", "comb", "sliver"]))
    size = 10 ** draw(st.floats(-3, 0.3))  # degrees
    longitude = (longitude + 180) % 360 - 180
    if kind == "circle":
        return Area.circle(latitude, longitude, 111 * size)
    rng = np.random.default_rng(draw(_SEEDS))
    if kind == "sliver":
        thin = [(longitude, latitude), (longitude + size, latitude), (longitude, latitude + 1e-6)]
        return Area.from_polygons([shapely.Polygon(np.clip(thin, [-540, -90], [540, 90]))])
    if kind == "comb":
        return _comb(longitude, latitude, size, draw(st.integers(3, 60)))
    bearings = np.sort(rng.uniform(0, 2 * math.pi, draw(st.integers(5, 20))))
    away = size * rng.uniform(0.3, 1, len(bearings))
    ring = np.column_stack(
        [longitude + away * np.cos(bearings) * 1.4, latitude + away * np.sin(bearings)]
    )
    ring[:, 1] = np.clip(ring[:, 1], -90, 90)
    hole = ring * 0.6 + ring.mean(axis=0) * 0.4
    polygon = shapely.Polygon(ring, [hole] if draw(st.booleans()) else [])
    try:
        return Area.from_polygons([polygon])
    except InvalidArea:
        assume(False)
        raise


def _comb(longitude: float, latitude: float, size: float, teeth: int) -> Area:
    """As wide as it is high, its teeth slanting and pointed, its back a fifth of it."""
    across = np.linspace(0, size, 2 * teeth + 1)
    up = np.where(np.arange(2 * teeth + 1) % 2, size, size / 5)
    ring = [*zip(longitude + across + up, latitude + up, strict=True)]
    ring += [(longitude + size, latitude), (longitude, latitude)]
    return Area.from_polygons([shapely.Polygon(np.clip(ring, [-540, -90], [540, 90]))])


def points_near(area: Area, seed: int, count: int, *, away_m: float) -> np.ndarray:
    """Points at most so far from the border, on both sides of it: lon, lat."""
    rng = np.random.default_rng(seed)
    rings = shapely.get_rings(shapely.get_parts(area.geometry))
    picked = rings[rng.integers(0, len(rings), count)]
    on_border = shapely.get_coordinates(
        shapely.line_interpolate_point(picked, rng.uniform(0, 1, count), normalized=True)
    )
    spots = [
        travel(latitude, longitude, rng.uniform(0, 360), away_m * rng.uniform(0, 1))
        for longitude, latitude in on_border.tolist()
    ]
    return np.array(spots)[:, ::-1]


def cells_near(area: Area, seed: int, count: int) -> Cells:
    """Distinct res-7 cells along the border, some that touch it and some that nearly do."""
    spots = points_near(area, seed, count, away_m=4_000)
    cells = {h3.latlng_to_cell(latitude, longitude, RESOLUTION) for longitude, latitude in spots}
    return np.array(sorted(cells), dtype=np.int64)
