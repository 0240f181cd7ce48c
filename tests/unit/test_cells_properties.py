"""Nobody is ever missed: covers of random areas anywhere on Earth against shapely's exact tests."""

from __future__ import annotations

import math

import h3.api.basic_int as h3
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geography.areas import Area, refine
from geography.cells import RESOLUTION, cell_of, cover, range_of, sheet_of, touching
from geography.discs import discs_touching
from geography.normalising import normalise
from tests.geodesics import travel

latitudes = st.one_of(
    st.floats(-89.9, 89.9), st.sampled_from([-89.9, -66.5, 0.0, 84.9, 85.1, 89.9])
)
longitudes = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 179.95, 180.0, -179.95, 0.0]))
seeds = st.integers(0, 2**32 - 1)


@st.composite
def polygons(draw: st.DrawFn) -> BaseGeometry:
    """Stars of 3 to 12 corners, 100 m to 3,000 km wide; some cross themselves, some have a hole.

    Longitudes run on past 180 or are wrapped, as files write them either way.
    """
    latitude, longitude = draw(latitudes), draw(longitudes)
    size = 10 ** draw(st.floats(-3, 1.45))
    corners = draw(st.integers(3, 12))
    rng = np.random.default_rng(draw(seeds))
    bearings = np.sort(rng.uniform(0, 2 * math.pi, corners))
    if draw(st.booleans()) and corners > 4:
        rng.shuffle(bearings)
    away = size * rng.uniform(0.2, 1, corners)
    ring = np.column_stack(
        [longitude + away * np.cos(bearings) * 1.5, latitude + away * np.sin(bearings)]
    )
    ring[:, 1] = np.clip(ring[:, 1], -90, 90)
    hole = ring * 0.5 + ring.mean(axis=0) * 0.5
    holes = [hole] if draw(st.booleans()) else []
    if draw(st.booleans()):
        ring[:, 0] = (ring[:, 0] + 180) % 360 - 180
        holes = []
    return shapely.Polygon(ring, holes)


def points_of(shape: BaseGeometry, seed: int, count: int = 150) -> np.ndarray:
    """Points inside, on the border, and the corners themselves, as lon, lat."""
    rng = np.random.default_rng(seed)
    west, south, east, north = shape.bounds
    box = np.column_stack([rng.uniform(west, east, count), rng.uniform(south, north, count)])
    inside = box[shapely.contains_xy(shape, box[:, 0], box[:, 1])]
    rings = shapely.get_rings(shapely.get_parts(shape))
    picked = rings[rng.integers(0, len(rings), count)]
    on_border = shapely.line_interpolate_point(picked, rng.uniform(0, 1, count), normalized=True)
    border = shapely.get_coordinates(on_border)
    return np.vstack([inside, border, shapely.get_coordinates(shape)[:count]])


def cells_at(points: np.ndarray) -> np.ndarray:
    return np.array([cell_of(lat, lon) for lon, lat in points.tolist()], dtype=np.int64)


@given(polygons(), seeds)
@settings(max_examples=250, deadline=None)
def test_every_point_of_an_area_has_its_cell_in_the_cover(polygon: BaseGeometry, seed: int):
    shape = normalise(polygon)
    if shape.is_empty:
        return
    found = cover(polygon)
    cells = cells_at(points_of(shape, seed))
    assert found.holds(cells).all()
    assert touching(sheet_of(shape), np.unique(cells)).all()


@given(polygons(), seeds)
@settings(max_examples=150, deadline=None)
def test_a_cover_is_sorted_disjoint_and_made_of_res_7_cells(polygon: BaseGeometry, seed: int):
    found = cover(polygon)
    for ranges in (found.ranges, found.inside, found.border):
        flat = [number for pair in ranges for number in pair]
        assert all(first <= last for first, last in ranges)
        assert flat == sorted(flat)
        assert all(h3.get_resolution(number) == RESOLUTION for number in flat[:50])
    assert all(one[1] < two[0] for one, two in zip(found.ranges, found.ranges[1:], strict=False))


@given(polygons(), seeds)
@settings(max_examples=150, deadline=None)
def test_no_cell_is_taken_in_that_does_not_touch(polygon: BaseGeometry, seed: int):
    """After refinement: some centimetres more than the exact outline, and at the poles a cell."""
    if normalise(polygon).is_empty:
        return
    area = Area.from_polygons([polygon])
    rng = np.random.default_rng(seed)
    bounds = [number for pair in area.cover.ranges for number in pair]
    numbers = rng.choice(bounds, min(60, len(bounds)), replace=False)
    cells = np.array([n for n in numbers.tolist() if h3.is_valid_cell(n)], dtype=np.int64)
    for cell in cells[refine(area, cells)].tolist():
        latitude, longitude = h3.cell_to_latlng(cell)
        if abs(latitude) > 84.9:
            continue
        ring = np.array(h3.cell_to_boundary(cell))[:, ::-1]
        ring[:, 0] = longitude + (ring[:, 0] - longitude + 180) % 360 - 180
        slack = 2e-5 / math.cos(math.radians(latitude))
        outline = shapely.buffer(shapely.Polygon(ring), slack)
        assert shapely.intersects(area.sheet, outline)


@given(latitudes, longitudes, st.floats(-1, 3.69), seeds)
@settings(max_examples=150, deadline=None)
def test_a_circle_holds_every_point_within_its_radius(
    latitude: float, longitude: float, size: float, seed: int
):
    radius_km = 10**size
    area = Area.circle(latitude, longitude, radius_km)
    rng = np.random.default_rng(seed)
    points = np.array(
        [
            travel(latitude, longitude, rng.uniform(0, 360), 1000 * radius_km * part)
            for part in np.sqrt(rng.uniform(0, 1, 60)).tolist() + [1.0] * 20
        ]
    )[:, ::-1]
    assert shapely.intersects_xy(shapely.buffer(area.geometry, 1e-9), points).all()
    assert area.cover.holds(cells_at(points)).all()


@given(polygons(), st.integers(2_000, 60_000), st.floats(0, 360), st.floats(0, 0.9999), seeds)
@settings(max_examples=200, deadline=None)
def test_a_disc_that_reaches_an_area_is_never_missed(
    polygon: BaseGeometry, radius_m: int, bearing: float, part: float, seed: int
):
    shape = normalise(polygon)
    if shape.is_empty:
        return
    for lon, lat in points_of(shape, seed, 3):
        centre = travel(lat, lon, bearing, radius_m * part)
        arrays = (np.array([centre[0]]), np.array([centre[1]]), np.array([float(radius_m)]))
        assert discs_touching(sheet_of(shape), *arrays).all()


@given(st.floats(-75, 75), longitudes, st.integers(2_000, 60_000), st.floats(0, 360))
@settings(max_examples=150, deadline=None)
def test_a_disc_that_falls_short_of_an_area_is_left_out(
    latitude: float, longitude: float, radius_m: int, bearing: float
):
    speck = normalise(shapely.Point(longitude, latitude).buffer(1e-5))
    short = radius_m * 1.002 + 12
    centre = travel(latitude, longitude, bearing, short)
    arrays = (np.array([centre[0]]), np.array([centre[1]]), np.array([float(radius_m)]))
    assert not discs_touching(sheet_of(speck), *arrays).any()


@given(polygons())
@settings(max_examples=200, deadline=None)
def test_normalising_is_idempotent_and_stays_on_the_map(polygon: BaseGeometry):
    once = normalise(polygon)
    if once.is_empty:
        return
    west, south, east, north = once.bounds
    assert west >= -180
    assert east <= 180
    assert south >= -90
    assert north <= 90
    assert once.is_valid
    assert shapely.equals_exact(normalise(once), once, 0)


@given(latitudes, longitudes, st.sampled_from([1, 2, 3, 4, 5, 6]), seeds)
@settings(max_examples=150, deadline=None)
def test_descendants_stay_within_their_ancestors_range(
    latitude: float, longitude: float, resolution: int, seed: int
):
    """Ranges agree with h3's own children, pentagons included."""
    rng = np.random.default_rng(seed)
    pentagon = list(h3.get_pentagons(resolution))[int(rng.integers(0, 12))]
    for cell in (h3.latlng_to_cell(latitude, longitude, resolution), pentagon):
        first, last = range_of(cell)
        middle = h3.cell_to_center_child(cell, RESOLUTION)
        assert first == middle
        child = cell
        while h3.get_resolution(child) < RESOLUTION:
            children = sorted(h3.cell_to_children(child))
            child = children[int(rng.integers(0, len(children)))]
        assert first <= child <= last
        assert h3.is_valid_cell(last)
        assert h3.cell_to_parent(last, resolution) == cell
