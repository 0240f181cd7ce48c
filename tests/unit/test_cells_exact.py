"""The cells, the towns' discs and shapely's exact answer agree, on areas of every kind."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from geography.areas import Area, InvalidArea, refine
from geography.discs import discs_against
from tests.geodesics import travel
from tests.random_areas import areas, cells_near, points_near

_TURNS = (-360, 0, 360)


def outline(cell: int, grown: float = 1.0) -> BaseGeometry:
    """The cell as h3 draws it, in degrees continuous about its centre, grown about it."""
    latitude, longitude = h3.cell_to_latlng(cell)
    ring = np.array(h3.cell_to_boundary(cell))[:, ::-1]
    ring[:, 0] = longitude + (ring[:, 0] - longitude + 180) % 360 - 180
    return shapely.Polygon((ring - [longitude, latitude]) * grown + [longitude, latitude])


def meets(geometry: BaseGeometry, shape: BaseGeometry) -> bool:
    """Whether they share a point on the round Earth: shapely knows only a flat one."""
    return any(
        shapely.intersects(geometry, affinity.translate(shape, xoff=turn)) for turn in _TURNS
    )


@given(areas(), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_the_cells_of_an_area_are_those_that_touch_it(area: Area, seed: int):
    near = cells_near(area, seed, 60)
    found = refine(area, near)
    fine = area.fine_cover
    assert fine.exact
    assert (fine.holds(near) == found).all()
    for cell, is_in in zip(near.tolist(), found.tolist(), strict=True):
        if abs(h3.cell_to_latlng(cell)[0]) > 84.9:
            continue  # Where a box stands for the cell.
        if meets(area.geometry, outline(cell)):
            assert is_in
        elif is_in:
            # Its edges are great circles, and it is drawn a thousandth larger.
            assert meets(area.geometry, outline(cell, 1.0025))


def circle(latitude: float, longitude: float, radius_m: float) -> BaseGeometry:
    points = np.array(
        [travel(latitude, longitude, bearing, radius_m) for bearing in range(0, 360, 2)]
    )[:, ::-1]
    points[:, 0] = longitude + (points[:, 0] - longitude + 180) % 360 - 180
    return shapely.Polygon(points)


@given(areas(), st.sampled_from([2_000, 6_000, 6_001, 18_000, 60_000]), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_discs_touch_and_lie_inside_as_geodesics_say(area: Area, radius_m: int, seed: int):
    for longitude, latitude in points_near(area, seed, 12, away_m=1.5 * radius_m).tolist():
        if abs(latitude) > 83:
            continue
        disc = np.array([latitude]), np.array([longitude]), np.array([float(radius_m)])
        touching, inside = (bool(answer[0]) for answer in discs_against(area.sheet, *disc))
        # The corners lie on the circle, so that a polygon of 180 falls short by 0.02 %; a sheet
        # is straight in degrees, a distance is not.
        least = circle(latitude, longitude, radius_m * 0.998 - 2)
        most = circle(latitude, longitude, radius_m * 1.003 + 5)
        if meets(area.geometry, least):
            assert touching
        if not meets(area.geometry, most):
            assert not touching
        if shapely.covers(area.sheet, most):
            assert inside
        if not shapely.covers(area.sheet, least):
            assert not inside


@given(areas(), areas())
@settings(max_examples=60, deadline=None)
def test_subtracting_leaves_what_the_other_does_not_hold(one: Area, two: Area):
    expected = shapely.difference(one.geometry, two.geometry)
    try:
        rest = one.minus(two)
    except InvalidArea:
        assert shapely.area(expected) < 1e-12
        return
    assert shapely.area(shapely.symmetric_difference(rest.geometry, expected)) < 1e-9
    joined = Area.union([one, two])
    assert shapely.area(joined.geometry) >= shapely.area(rest.geometry) - 1e-9
