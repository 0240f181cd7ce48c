"""Rings become polygons: closed, uncrossed, cut at 180 degrees, with their holes taken out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import unary_union
from shapely.geometry import Point, Polygon, box
from shapely.geometry import mapping as geometry_of

from crises.alert_files import AlertFileError, read_file
from crises.alert_files.rings import MAX_RINGS
from tests.factories.shapes import polygon_kml, remarks, ring, round_ring, size, the_part


def rings(*parts: Any) -> bytes:
    return json.dumps({"type": "Polygon", "coordinates": parts}).encode()


class TestRepairs:
    def test_open(self):
        part = the_part(ring((0, 0), (1, 0), (1, 1), (0, 1)))
        assert size(part) == pytest.approx(1)
        assert "not closed" in remarks(part)

    def test_crossing_itself(self):
        part = the_part(ring((0, 0), (10, 10), (10, 0), (0, 10), (0, 0)))
        assert size(part) == pytest.approx(50)
        assert all(polygon.is_valid for polygon in part.polygons)
        assert "crosses itself" in remarks(part)

    def test_a_spike_leaves_no_sliver(self):
        part = the_part(ring((0, 0), (10, 0), (10, 10), (50, 10), (10, 10), (0, 10), (0, 0)))
        assert len(part.polygons) == 1
        assert size(part) == pytest.approx(100)

    def test_repeated_points(self):
        assert size(the_part(ring((0, 0), (0, 0), (1, 0), (1, 1), (1, 1), (0, 0)))) == 0.5


class TestAround180Degrees:
    SQUARE = ((179, -17), (-179, -17), (-179, -16), (179, -16), (179, -17))

    def test_the_short_way(self):
        part = the_part(ring(*self.SQUARE))
        assert size(part) == pytest.approx(2)
        assert len(part.polygons) == 2
        assert "180th meridian" in remarks(part)

    def test_running_on_past_it(self):
        part = the_part(ring((179, -17), (181, -17), (181, -16), (179, -16), (179, -17)))
        assert size(part) == pytest.approx(2)
        assert min(polygon.bounds[0] for polygon in part.polygons) == -180

    def test_with_a_hole_across_it(self):
        hole = [[179.5, -16.8], [-179.5, -16.8], [-179.5, -16.2], [179.5, -16.2], [179.5, -16.8]]
        part = the_part(rings([list(point) for point in self.SQUARE], hole))
        assert size(part) == pytest.approx(2 - 0.6)

    def test_with_a_hole_on_either_side(self):
        east = [[179.2, -16.8], [179.4, -16.8], [179.4, -16.6], [179.2, -16.8]]
        west = [[-179.4, -16.8], [-179.2, -16.8], [-179.2, -16.6], [-179.4, -16.8]]
        part = the_part(rings([list(point) for point in self.SQUARE], east, west))
        assert size(part) == pytest.approx(2 - 0.04)

    def test_over_a_pole(self):
        part = the_part(ring(*((lon, 80) for lon in (0, 90, 180, -90, 0))))
        assert size(part) == pytest.approx(3600)
        assert any(polygon.intersects(Point(10, 89.9)) for polygon in part.polygons)

    def test_over_the_south_pole_with_a_hole_over_it(self):
        outer = [[lon, -60] for lon in (0, 90, 180, -90, 0)]
        inner = [[lon, -80] for lon in (0, 90, 180, -90, 0)]
        assert size(the_part(rings(outer, inner))) == pytest.approx(360 * 20)

    def test_antarctica_as_maps_write_it(self):
        coast = [(lon, -70) for lon in range(-180, 181, 20)]
        part = the_part(ring(*coast, (180, -90), (-180, -90), (-180, -70)))
        assert size(part) == pytest.approx(360 * 20)

    def test_the_whole_earth(self):
        part = the_part(ring((-180, -90), (180, -90), (180, 90), (-180, 90), (-180, -90)))
        assert size(part) == pytest.approx(360 * 180)

    def test_a_shape_sewn_together_at_180_degrees(self):
        sewn = [(179, 0), (180, 0), (-180, 0), (-179, 0), (-179, 1), (-180, 1), (180, 1), (179, 1)]
        assert size(the_part(ring(*sewn, (179, 0)))) == pytest.approx(2)


class TestHoles:
    OUTER = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]

    def test_a_hole_that_sticks_out(self):
        part = the_part(rings(self.OUTER, [[5, 5], [15, 5], [15, 6], [5, 6], [5, 5]]))
        assert size(part) == pytest.approx(95)
        assert "crosses itself" in remarks(part)

    def test_an_empty_hole_is_passed_over(self):
        assert size(the_part(rings(self.OUTER, []))) == pytest.approx(100)

    def test_a_hole_that_takes_everything(self):
        with pytest.raises(AlertFileError, match="enclose nothing"):
            read_file(rings(self.OUTER, self.OUTER))


def test_too_many_rings():
    triangle = [[[0, 0], [1, 0], [0, 1], [0, 0]]]
    shapes = {"type": "MultiPolygon", "coordinates": [triangle] * (MAX_RINGS + 1)}
    with pytest.raises(AlertFileError, match="5,000 rings"):
        read_file(json.dumps(shapes).encode())


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """Valid, with up to three holes, some of it not convex; away from 180 degrees."""
    lon, lat = draw(st.floats(-150, 150)), draw(st.floats(-70, 70))
    circles = draw(
        st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5), st.floats(1, 4)), min_size=1)
    )
    joined = unary_union(
        [Polygon(round_ring(radius, lon + x, lat + y, 12)) for x, y, radius in circles]
    )
    shape = max(getattr(joined, "geoms", [joined]), key=lambda part: part.area)
    for x, y in draw(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), max_size=3)):
        shape = shape.difference(box(lon + x, lat + y, lon + x + 0.3, lat + y + 0.3))
    return max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)


@settings(deadline=None, max_examples=60)
@given(polygons())
def test_what_is_written_is_what_is_read(polygon):
    geojson = json.dumps(geometry_of(polygon)).encode()
    for data in (geojson, polygon_kml(polygon)):
        read = unary_union(the_part(data).polygons)
        assert read.symmetric_difference(polygon).area < 1e-9
