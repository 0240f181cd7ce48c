"""KML: what becomes of placemarks, pictures and links."""

from __future__ import annotations

import pytest
from shapely.geometry import Point

from crises.alert_files import AlertFileError, FileFormat, read_file
from tests.factories.shapes import WRITTEN, kml, placemark, remarks, size, the_alert, the_part

TRIANGLE = "20,10 21,10 21,11 20,10"


class TestTheExample:
    def test_every_placemark_becomes_a_part(self):
        found = read_file((WRITTEN / "shapes.kml").read_bytes())
        assert found.format == FileFormat.KML
        (alert,) = found.alerts
        assert alert.headline == "Flood of the Coatán"
        assert [
            (part.name, part.element, part.line, part.understood, part.chosen)
            for part in alert.parts
        ] == [
            ("Lower town", "<Placemark>", 8, True, True),
            ("Evacuation", "<Placemark>", 24, True, True),
            ("Dam", "<Placemark>", 30, True, True),
            ("Shelter", "<Placemark>", 35, False, True),
            ("Boat", "<Placemark>", 39, False, True),
            ("Satellite picture", "<GroundOverlay>", 44, True, False),
            ("Live", "<NetworkLink>", 49, False, True),
        ]

    def test_what_is_said_of_them(self):
        parts = the_alert((WRITTEN / "shapes.kml").read_bytes()).parts
        said = [remarks(part) for part in parts]
        assert "2026-10-14T00:00:00Z – 2026-10-16T00:00:00Z" in said[0]
        assert "line encloses nothing" in said[1]
        assert "5 km" in said[2]
        assert "14.9100, -92.2600" in said[3]
        assert "line encloses nothing" in said[4]
        assert "picture" in said[5]
        assert "not fetched" in said[6]

    def test_a_hole_and_odd_white_space(self):
        part = the_alert((WRITTEN / "shapes.kml").read_bytes()).parts[0]
        assert size(part) == pytest.approx(0.01 - 0.0004)
        assert not part.polygons[0].contains(Point(-92.25, 14.9))

    def test_the_picture_is_not_in_the_area_until_ticked(self):
        alert = the_alert((WRITTEN / "shapes.kml").read_bytes())
        assert alert.area().square_km < 1000
        assert alert.area(alert.parts).square_km > 40_000


class TestCoordinates:
    @pytest.mark.parametrize(
        "text",
        [
            TRIANGLE,
            "20,10,5 21,10,5 21,11,5 20,10,5",
            "\n\t20 , 10\n21, 10\r\n21 ,11  20,10\n",
            "2e1,1e1 21.,10 +21,11.0 20,10",
        ],
    )
    def test_ways_of_writing_one_triangle(self, text):
        part = the_part(kml(placemark(text)))
        assert part.polygons[0].bounds == (20, 10, 21, 11)
        assert part.remarks == []

    def test_an_open_ring_is_closed(self):
        assert "not closed" in remarks(the_part(kml(placemark("20,10 21,10 21,11"))))

    def test_swapped_for_sure(self):
        part = the_part(kml(placemark("10,120 10,121 11,121 10,120")))
        assert part.polygons[0].bounds == (120, 10, 121, 11)
        assert "swapped" in remarks(part)

    @pytest.mark.parametrize(
        "text",
        ["a,b 1,1 2,2", "1 2 3 4", "1,2,3,4 1,1 2,2", "nan,1 1,1 2,2", "1;2 3;4", "١,1 2,2 3,3"],
    )
    def test_points_that_are_none(self, text):
        with pytest.raises(AlertFileError, match=r"<Placemark> \(line 3\): <coordinates> \(line 3"):
            read_file(kml(placemark(text)))

    def test_one_beside_a_good_one_says_why(self):
        good, bad = the_alert(kml(placemark(TRIANGLE) + "\n" + placemark("x", name="B"))).parts
        assert good.understood
        assert not bad.understood
        assert bad.line == 4
        assert "Point 1" in remarks(bad)


class TestPictures:
    def overlay(self, inside: str) -> bytes:
        return kml(f"<GroundOverlay><name>P</name>{inside}</GroundOverlay>")

    def box(self, north: str, south: str, east: str, west: str, more: str = "") -> bytes:
        return self.overlay(
            f"<LatLonBox><north>{north}</north><south>{south}</south><east>{east}</east>"
            f"<west>{west}</west>{more}</LatLonBox>"
        )

    def test_a_frame_is_a_rectangle(self):
        part = the_part(self.box("10", "0", "20", "5"))
        assert size(part) == pytest.approx(150)
        assert not part.chosen

    def test_across_180_degrees(self):
        part = the_part(self.box("10", "0", "-170", "170"))
        assert size(part) == pytest.approx(200)
        assert len(part.polygons) == 2

    def test_wider_than_half_the_earth(self):
        assert size(the_part(self.box("10", "0", "150", "-150"))) == pytest.approx(3000)

    def test_the_whole_earth(self):
        alert = the_alert(self.box("90", "-90", "180", "-180"))
        assert size(alert.parts[0]) == pytest.approx(360 * 180)
        assert alert.area(alert.parts).square_km == pytest.approx(510e6, rel=0.01)

    def test_turned(self):
        part = the_part(self.box("10", "0", "20", "0", "<rotation>90</rotation>"))
        assert part.polygons[0].bounds == pytest.approx((5, -5, 15, 15))
        assert "turned" in remarks(part)

    def test_a_quad(self):
        quad = "<gx:LatLonQuad><coordinates>0,0 4,0 4,3 0,3</coordinates></gx:LatLonQuad>"
        assert size(the_part(self.overlay(quad))) == pytest.approx(12)

    def test_a_picture_without_a_place(self):
        alert = the_alert(kml("<ScreenOverlay/>" + placemark(TRIANGLE)))
        assert "does not say where" in remarks(alert.parts[0])

    @pytest.mark.parametrize(
        ("sides", "words"),
        [
            (("0", "10", "20", "5"), "enclose nothing"),
            (("x", "0", "20", "5"), r"<north> \(line 3\)"),
            (("1e400", "0", "20", "5"), "<north>"),
            (("95", "0", "20", "5"), "enclose nothing on earth"),
        ],
    )
    def test_frames_that_are_none(self, sides, words):
        with pytest.raises(AlertFileError, match=words):
            read_file(self.box(*sides))


class TestBroken:
    @pytest.mark.parametrize(
        ("inside", "words"),
        [
            ("", "no placemarks"),
            ("<Placemark><Polygon/></Placemark>", "outerBoundaryIs"),
            ("<Placemark><LinearRing/></Placemark>", "<coordinates> are missing"),
            (placemark("1,1 2,2 1,1"), "fewer than four"),
            (placemark("1,1 2,2 3,3 1,1"), "one line"),
            (placemark("1,500 2,2 3,3"), "nowhere on earth"),
            ("<Placemark>", "not well-formed"),
            ("<Folder>" * 100 + "</Folder>" * 100, "far more elements"),
            ("<Placemark/>" * 2001, "2,000 shapes"),
        ],
    )
    def test_names_the_element(self, inside, words):
        with pytest.raises(AlertFileError, match=words):
            read_file(kml(inside))

    def test_an_empty_placemark_is_kept_and_said(self):
        for inside in ("", "<MultiGeometry/>", "<name>A</name>"):
            part = the_part(kml(f"<Placemark>{inside}</Placemark>"))
            assert "holds no shape" in remarks(part)

    def test_entities_are_refused(self):
        data = kml(placemark(TRIANGLE)).replace(b"<kml", b'<!DOCTYPE k [<!ENTITY a "b">]><kml')
        with pytest.raises(AlertFileError, match="DTD"):
            read_file(data)

    def test_a_long_run_of_spaces_between_points(self):
        assert the_part(kml(placemark("20,10" + " " * 5_000_000 + "21,10 21,11"))).understood
