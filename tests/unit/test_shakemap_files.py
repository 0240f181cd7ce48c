"""ShakeMap contours: lines become nested areas, closed along the edge of the map where cut."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
from shapely import union_all
from shapely.geometry import Point

from crises.alert_files import AlertFileError, FileFormat, read_file
from tests.factories.shapes import (
    WRITTEN,
    collection,
    contour,
    remarks,
    round_ring,
    size,
    the_alert,
)

EDGE = [[-10, -10], [10, -10], [10, 10], [-10, 10], [-10, -10]]


def arc(radius: float, east: float, corners: int = 200) -> list[list[float]]:
    """The part of a circle about 0, 0 that lies west of `east`."""
    start = math.acos(east / radius)
    angles = [start + (2 * math.pi - 2 * start) * k / corners for k in range(corners + 1)]
    points = [[radius * math.cos(angle), radius * math.sin(angle)] for angle in angles]
    points[0][0] = points[-1][0] = east
    return points


def segment(radius: float, east: float) -> float:
    """Square degrees of a circle about 0, 0 west of `east`."""
    cap = radius**2 * math.acos(east / radius) - east * math.sqrt(radius**2 - east**2)
    return math.pi * radius**2 - cap


class TestTheExample:
    def test_parts_from_the_strongest(self):
        found = read_file((WRITTEN / "shakemap-cont_mmi.json").read_bytes())
        assert found.format == FileFormat.SHAKEMAP
        (alert,) = found.alerts
        assert alert.identifier == "us0000test"
        assert alert.measures == {"mmi": "7.5"}
        assert [(part.name, part.chosen) for part in alert.parts] == [
            ("MMI 7.5", True),
            ("MMI 7", True),
            ("MMI 6.5", True),
            ("MMI 6", True),
            ("MMI 5.5", False),
            ("MMI 5", False),
            ("MMI 4.5", False),
        ]
        assert [part.line for part in alert.parts] == list(range(21, 14, -1))

    def test_each_holds_every_stronger_one(self):
        parts = the_alert((WRITTEN / "shakemap-cont_mmi.json").read_bytes()).parts
        for stronger, weaker in pairwise(parts):
            inside, outside = union_all(stronger.polygons), union_all(weaker.polygons)
            assert inside.difference(outside).area < 1e-9
            assert inside.area < outside.area

    def test_what_the_edge_cuts_is_said(self):
        parts = the_alert((WRITTEN / "shakemap-cont_mmi.json").read_bytes()).parts
        assert ["edge of the map" in remarks(part) for part in parts] == [False] * 4 + [True] * 3


class TestClosing:
    def test_a_cut_line_is_closed_on_the_stronger_side(self):
        data = collection(
            contour(6, arc(5, 3)),
            contour(7, round_ring(2)),
            contour(4, [[-5, -5], [-4, -5]]),  # only widens the map to the west and south
        )
        part = the_alert(data).parts[1]
        assert size(part) == pytest.approx(segment(5, 3), rel=0.001)
        assert any(polygon.contains(Point(0, 0)) for polygon in part.polygons)

    def test_without_a_stronger_line_the_epicentre_tells(self):
        metadata = {"eventid": "x", "longitude": 1.0, "latitude": 0.0}
        data = collection(contour(6, arc(5, 3)), metadata=metadata)
        part = the_alert(data).parts[0]
        assert size(part) == pytest.approx(segment(5, 3), rel=0.001)

    def test_without_either_it_is_not_understood(self):
        with pytest.raises(AlertFileError, match=r"features\[0\] .*which side shook more"):
            read_file(collection(contour(6, arc(5, 3))))

    def test_a_weaker_line_tells_the_other_side(self):
        corner = [[-10, 8], [-8, 8], [-8, 10]]
        only_widens = contour(4, [[-10, -10], [-9, -10]])
        data = collection(contour(6, [[-10, 0], [10, 0]]), contour(5, corner), only_widens)
        part = the_alert(data).parts[0]
        assert size(part) == pytest.approx(200)
        assert any(polygon.contains(Point(0, -5)) for polygon in part.polygons)

    def test_lines_that_contradict_each_other_decide_nothing(self):
        weaker = contour(5, [[-10, 8], [-8, 8], [-8, 10]], [[-10, -8], [-8, -8], [-8, -10]])
        with pytest.raises(AlertFileError, match="nothing tells which side"):
            read_file(collection(contour(6, [[-10, 0], [10, 0]]), weaker))

    def test_two_cuts_and_the_band_between(self):
        data = collection(
            contour(6, [[-10, 3], [10, 3]], [[-10, -3], [10, -3]]),
            contour(7, round_ring(1)),
            contour(4, [[-10, -10], [-9, -10]], [[10, 10], [9, 10]]),
        )
        part = the_alert(data).parts[1]
        assert size(part) == pytest.approx(120)

    def test_a_line_that_ends_inside_the_map_is_reported(self):
        data = collection(contour(6, round_ring(5), [[0, 0], [1, 1], [2, 3]]))
        part = the_alert(data).parts[0]
        assert "1 of its lines" in remarks(part)
        assert part.understood

    def test_an_almost_closed_one_is_closed(self):
        line = round_ring(5, corners=400)[:-1]
        part = the_alert(collection(contour(6, line), contour(5, round_ring(9)))).parts[0]
        assert "almost closed" in remarks(part)
        assert size(part) == pytest.approx(math.pi * 25, rel=0.001)

    def test_weaker_islands_are_kept_in(self):
        data = collection(contour(6, round_ring(5), round_ring(1)), contour(5, round_ring(9)))
        part = the_alert(data).parts[0]
        assert size(part) == pytest.approx(math.pi * 25, rel=0.01)

    def test_a_map_that_is_strong_all_over(self):
        # The only line of VI is a weaker lake; VII lies outside it.
        data = collection(contour(6, round_ring(1, -5, 0)), contour(7, round_ring(3, 5, 0)))
        part = the_alert(data).parts[1]
        assert any(polygon.contains(Point(5, 2.9)) for polygon in part.polygons)
        assert any(polygon.contains(Point(1, 0)) for polygon in part.polygons)

    def test_across_180_degrees(self):
        line = [[(lon + 180) % 360 - 180, lat] for lon, lat in round_ring(5, 180)]
        line[-1] = line[0]
        alert = the_alert(collection(contour(6, line), contour(5, round_ring(9, 180))))
        assert size(alert.parts[0]) == pytest.approx(math.pi * 25, rel=0.01)
        assert len(alert.parts[0].polygons) == 2


class TestWhatIsTicked:
    def test_nothing_below_vi(self):
        alert = the_alert(collection(contour(5.5, round_ring(1)), contour(5, round_ring(2))))
        assert not alert.has_shape
        assert "nothing is ticked" in " ".join(alert.warnings)

    def test_a_scenario_only_opens_a_drill(self):
        metadata = {"eventid": "bssc2014test_m7p0_se", "longitude": 0.0, "latitude": 0.0}
        assert the_alert(collection(contour(6, round_ring(1)), metadata=metadata)).is_drill


class TestBroken:
    @pytest.mark.parametrize(
        ("broken", "words"),
        [
            (contour(10, round_ring(1), units="pctg"), "pctg.*cont_mmi.json"),
            (contour(40, round_ring(1)), "properties.value"),
            ({**contour(6), "geometry": None}, "MultiLineString"),
            (
                {**contour(6), "geometry": {"type": "Point"}},
                "not “Point”",
            ),
            (contour(6, [["1", 2]]), r"coordinates\[0\]\[0\]"),
            (contour(6, [[1, 500], [2, 2]]), "nowhere on earth"),
            (contour(7, round_ring(2)), "stands twice"),
        ],
    )
    def test_the_feature_and_the_line_are_named(self, broken, words):
        text = '{"type": "FeatureCollection", "features": [\n'
        text += json.dumps(contour(7, round_ring(1))) + ",\n" + json.dumps(broken) + "]}"
        with pytest.raises(AlertFileError, match=rf"features\[1\] \(line 3\): .*{words}"):
            read_file(text.encode())

    def test_no_lines_at_all(self):
        with pytest.raises(AlertFileError, match="no contours"):
            read_file(collection(contour(6)))

    def test_a_scrawl_of_cuts(self):
        cuts = [
            [[-10, y], *([x, 10 * math.sin(x * 7 + y)] for x in range(-9, 10)), [10, -y]]
            for y in range(-9, 10)
        ]
        levels = [contour(4 + step / 10, *cuts) for step in range(50)]
        with pytest.raises(AlertFileError, match="too many places"):
            read_file(collection(*levels, contour(9.5, EDGE)))
