"""GeoJSON: what becomes of each feature, and what is said of what cannot be read."""

from __future__ import annotations

import json

import pytest
from shapely.geometry import Point

from crises.alert_files import AlertFileError, FileFormat, read_file
from tests.factories.shapes import (
    RING,
    SQUARE,
    WRITTEN,
    collection,
    feature,
    remarks,
    ring,
    the_alert,
    the_part,
)


class TestTheExample:
    def test_every_feature_becomes_a_part(self):
        found = read_file((WRITTEN / "shapes.geojson").read_bytes())
        assert found.format == FileFormat.GEOJSON
        (alert,) = found.alerts
        assert alert.headline == "Evacuation areas"
        assert [(part.name, part.element, part.line, part.understood) for part in alert.parts] == [
            ("Costa de Chiapas", "features[0]", 5, True),
            ("Two islands", "features[1]", 6, True),
            ("Plant", "features[2]", 7, True),
            ("Meeting point", "features[3]", 8, False),
            ("Road closed", "features[4]", 9, False),
            ("features[5]", "features[5]", 10, False),
        ]

    def test_each_that_is_not_understood_says_why(self):
        parts = the_alert((WRITTEN / "shapes.geojson").read_bytes()).parts
        assert "14.9100, -92.2600" in remarks(parts[3])
        assert "without a radius" in remarks(parts[3])
        assert "line encloses nothing" in remarks(parts[4])
        assert "no geometry" in remarks(parts[5])

    def test_a_hole_is_not_part_of_the_area(self):
        part = the_alert((WRITTEN / "shapes.geojson").read_bytes()).parts[0]
        assert not any(polygon.contains(Point(-92.53, 15.12)) for polygon in part.polygons)
        assert any(polygon.contains(Point(-92.3, 15)) for polygon in part.polygons)

    def test_the_parts_make_an_area(self):
        alert = the_alert((WRITTEN / "shapes.geojson").read_bytes())
        assert alert.has_shape
        assert alert.area().square_km > 1000


class TestKinds:
    @pytest.mark.parametrize(
        "root",
        [
            SQUARE,
            feature(SQUARE),
            {"type": "FeatureCollection", "features": [feature(SQUARE)]},
            {"type": "GeometryCollection", "geometries": [SQUARE]},
            {"type": "MultiPolygon", "coordinates": [[RING]]},
            feature({"type": "GeometryCollection", "geometries": [SQUARE]}),
            {"type": "Polygon", "coordinates": [[[*point, 99] for point in RING]]},
        ],
    )
    def test_every_way_of_writing_one_square(self, root):
        part = the_part(json.dumps(root).encode())
        assert part.polygons[0].bounds == (20, 10, 21, 11)
        assert part.remarks == []

    @pytest.mark.parametrize(
        ("properties", "name"),
        [
            ({"name": "A", "title": "B"}, "A"),
            ({"NAME": "A"}, "A"),
            ({"title": "  A\n B "}, "A B"),
            ({"event": "Flood"}, "Flood"),
            ({"name": None, "headline": "H"}, "H"),
            ({"name": ["A"]}, "features[0]"),
            ({"name": "A\x00\ud800\u202eB"}, "AB"),
            ({}, "features[0]"),
        ],
    )
    def test_names(self, properties, name):
        assert the_part(collection(feature(SQUARE, **properties))).name == name

    @pytest.mark.parametrize(
        ("properties", "said"),
        [
            ({"radius_km": 10}, "10 km"),
            ({"radius_m": 10_000}, "10 km"),
            ({"radius": 10_000}, "read as metres"),
        ],
    )
    def test_a_point_with_a_radius_is_a_circle(self, properties, said):
        part = the_part(collection(feature({"type": "Point", "coordinates": [1, 2]}, **properties)))
        assert said in remarks(part)
        west, south, east, north = part.polygons[0].bounds
        assert (east - west) * 111 == pytest.approx(20, rel=0.02)
        assert (north - south) * 111 == pytest.approx(20, rel=0.02)

    @pytest.mark.parametrize("radius", ["10", -1, 0, True, [5], 1e9])
    def test_a_radius_that_is_none(self, radius):
        point = {"type": "Point", "coordinates": [1, 2]}
        part = the_part(collection(feature(point, radius_km=radius)))
        assert not part.understood
        assert "no radius" in remarks(part)
        assert "Type it with a radius" in remarks(part)

    def test_several_points_share_the_radius(self):
        points = {"type": "MultiPoint", "coordinates": [[1, 2], [30, 40]]}
        assert len(the_part(collection(feature(points, radius_km=5))).polygons) == 2

    @pytest.mark.parametrize(
        "geometry",
        [
            {"type": "MultiPolygon", "coordinates": []},
            {"type": "GeometryCollection", "geometries": []},
            {"type": "Polygon", "coordinates": [[]]},
            {"type": "Point", "coordinates": []},
        ],
    )
    def test_an_empty_one_is_kept_and_said(self, geometry):
        part = the_part(collection(feature(geometry)))
        assert not part.understood
        assert part.remarks


class TestReferenceSystems:
    @pytest.mark.parametrize(
        "name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"]
    )
    def test_wgs84_under_its_names(self, name):
        crs = {"type": "name", "properties": {"name": name}}
        assert the_alert(collection(feature(SQUARE), crs=crs)).has_shape

    def test_another_is_refused_by_name(self):
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32615"}}
        with pytest.raises(AlertFileError, match=r"EPSG::32615.*Only WGS 84"):
            read_file(collection(feature(SQUARE), crs=crs))

    def test_one_feature_in_another_is_named(self):
        crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
        data = collection(feature(SQUARE), {**feature(SQUARE), "crs": crs})
        assert "EPSG:3857" in remarks(the_alert(data).parts[1])


class TestSwapped:
    def test_for_sure_is_read_the_other_way_round_and_said(self):
        part = the_part(ring((10, 120), (10, 121), (11, 121), (10, 120)))
        assert part.polygons[0].bounds == (120, 10, 121, 11)
        assert "swapped" in remarks(part)

    def test_what_could_be_either_is_left_alone(self):
        part = the_part(ring((30, 40), (31, 40), (31, 41), (30, 40)))
        assert part.polygons[0].bounds == (30, 40, 31, 41)
        assert part.remarks == []

    def test_the_doubtful_ones_beside_it_are_pointed_at(self):
        swapped = {"type": "Polygon", "coordinates": [[[10, 120], [10, 121], [11, 121], [10, 120]]]}
        far_east = {"type": "Polygon", "coordinates": [[[120, 1], [121, 1], [121, 2], [120, 1]]]}
        parts = the_alert(collection(feature(swapped), feature(SQUARE), feature(far_east))).parts
        assert "Elsewhere in this file" in remarks(parts[1])
        assert "Elsewhere" not in remarks(parts[0]) + remarks(parts[2])

    def test_a_swapped_point(self):
        point = {"type": "Point", "coordinates": [14, -120]}
        part = the_part(collection(feature(point, radius_km=5)))
        assert part.polygons[0].contains(Point(-120, 14))
        assert "swapped" in remarks(part)


class TestBroken:
    @pytest.mark.parametrize(
        ("geometry", "words"),
        [
            ({"type": "Polygon", "coordinates": [[["20", 10], *RING[1:]]]}, r"\[0\]\[0\] is not"),
            ({"type": "Polygon", "coordinates": [[*RING[:3], [20]]]}, r"\[0\]\[3\] is not"),
            ({"type": "Polygon", "coordinates": [[*RING[:3], [True, 1]]]}, r"\[0\]\[3\] is not"),
            ({"type": "Polygon", "coordinates": [[*RING[:3], None]]}, r"\[0\]\[3\] is not"),
            ({"type": "Polygon", "coordinates": [7]}, r"coordinates\[0\] is not a list"),
            ({"type": "MultiPolygon", "coordinates": [5]}, r"coordinates\[0\] is not a list"),
            ({"type": "Polygon", "coordinates": {"x": 1}}, "missing, or no list"),
            ({"type": "Polygon"}, "missing, or no list"),
            ({"type": "Polygone", "coordinates": []}, "Polygone"),
            ({"type": ["Polygon"], "coordinates": []}, "must be one of"),
            ("Polygon", "must be one of"),
            ({"type": "GeometryCollection"}, "no list"),
            ({"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1]]]}, "fewer than four"),
            ({"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [3, 3], [1, 1]]]}, "one line"),
            ({"type": "Polygon", "coordinates": [[[1, 500], *RING]]}, "nowhere on earth"),
        ],
    )
    def test_alone_it_is_an_error_that_names_element_and_line(self, geometry, words):
        text = '{"type": "FeatureCollection", "features": [\n\n' + json.dumps(feature(geometry))
        with pytest.raises(AlertFileError, match=rf"features\[0\] \(line 3\): .*{words}"):
            read_file(f"{text}\n]}}".encode())

    def test_beside_a_good_one_it_is_a_part_that_says_why(self):
        good, bad = the_alert(collection(feature(SQUARE), feature({"type": "Polygon"}))).parts
        assert good.understood
        assert not bad.understood
        assert "coordinates" in remarks(bad)

    def test_a_number_too_large_for_the_machine(self):
        with pytest.raises(AlertFileError, match="nowhere on earth"):
            read_file(ring((1, 1), (2, 2), (3, 1)).replace(b"[1, 1]", b"[1e400, 1]"))

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b'{"type": "FeatureCollection"}', r"features \(line 1\)"),
            (b'{"type": "FeatureCollection", "features": {}}', r"features \(line 1\)"),
            (b'{"type": "FeatureCollection", "features": []}', "no features"),
            (b'{"type": "Topology"}', "TopoJSON"),
            (b'{"type": 7}', r"type \(line 1\)"),
            (b"{}", r"type \(line 1\)"),
            (b'{"type": "FeatureCollection", "features": [7]}', r"features\[0\] \(line 1\)"),
        ],
    )
    def test_what_is_no_geojson(self, data, words):
        with pytest.raises(AlertFileError, match=words):
            read_file(data)

    def test_more_than_2000_features(self):
        with pytest.raises(AlertFileError, match=r"features\[2000\] .*2,000 shapes"):
            read_file(collection(*[feature(SQUARE)] * 2001))
