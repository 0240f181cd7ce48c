"""USGS earthquakes: the circles of their shaking, and feeds of many."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from crises.alert_files import AlertFileError, FileFormat, read_file
from crises.alert_files.intensity import (
    predicted_intensity,
    reach_km,
    rupture_length_km,
    rupture_width_km,
)
from tests.factories.shapes import WRITTEN, collection, earthquake, remarks, the_alert


def one(**changes: Any) -> bytes:
    return json.dumps(earthquake(**changes)).encode()


class TestTheExamples:
    def test_an_event(self):
        found = read_file((WRITTEN / "usgs-event.json").read_bytes())
        assert found.format == FileFormat.USGS_EVENT
        (alert,) = found.alerts
        assert alert.identifier == "us0000test"
        assert alert.headline == "M 7.1 - 60 km SW of Puerto Madero, Mexico"
        assert alert.effective == datetime(2026, 10, 16, 8, 0, tzinfo=UTC)
        assert alert.sent == datetime(2026, 10, 16, 8, 30, tzinfo=UTC)
        assert (alert.status, alert.hazard) == ("Actual", "earthquake")
        assert alert.measures["magnitude"] == "7.1"
        assert alert.measures["alert_level"] == "Orange"
        assert "tsunami" in " ".join(alert.warnings)
        assert [(part.name, part.chosen) for part in alert.parts] == [
            ("MMI V", True),
            ("MMI VI", False),
        ]

    def test_the_remark_says_how_the_circle_was_found(self):
        part = the_alert((WRITTEN / "usgs-event.json").read_bytes()).parts[0]
        for words in ("191 km", "magnitude 7.1", "35.5 km", "Allen", "Wells and Coppersmith"):
            assert words in remarks(part)

    def test_a_feed_gives_an_alert_each_strongest_first(self):
        alerts = read_file((WRITTEN / "usgs-feed.json").read_bytes()).alerts
        assert [alert.measures["magnitude"] for alert in alerts] == ["8.2", "7.1", "5.8", "4.6"]
        assert [alert.parts[0].line for alert in alerts] == [15, 13, 14, 12]
        assert [alert.has_shape for alert in alerts] == [False, True, True, False]

    def test_one_too_deep_is_offered_a_small_circle(self):
        deep = read_file((WRITTEN / "usgs-feed.json").read_bytes()).alerts[0].parts[0]
        assert deep.understood
        assert not deep.chosen
        assert "expected nowhere" in remarks(deep)


class TestReach:
    def test_the_equation_at_its_published_coefficients(self):
        # Magnitude 7 at 20 km, worked out by hand: 3.950 + 6.391 - 1.107 ln(sqrt(20^2 + 7.007^2)).
        assert predicted_intensity(7, 20) == pytest.approx(6.961, abs=0.002)

    @pytest.mark.parametrize(("magnitude", "depth_km"), [(5.5, 5), (6, 10), (7, 30), (7.8, 15)])
    @pytest.mark.parametrize("intensity", [5.0, 6.0])
    def test_at_its_end_the_intensity_is_just_reached(self, magnitude, depth_km, intensity):
        flat = reach_km(magnitude, depth_km, intensity) - rupture_length_km(magnitude)
        top = max(0, depth_km - rupture_width_km(magnitude))
        assert predicted_intensity(magnitude, math.hypot(flat, top)) == pytest.approx(intensity)

    def test_it_grows_with_magnitude_and_shrinks_with_depth(self):
        radii = [reach_km(magnitude, 10, 5.0) for magnitude in (4, 5, 6, 7, 8, 9)]
        assert radii == sorted(radii)
        depths = [reach_km(6.5, depth, 5.0) for depth in (0, 40, 80, 400)]
        assert depths == sorted(depths, reverse=True)
        assert depths[-1] == 0

    def test_the_circle_is_of_that_radius(self):
        part = the_alert(one(mag=7, point=[0, 0, 10])).parts[0]
        _west, south, _east, north = part.polygons[0].bounds
        assert (north - south) / 2 * 110.6 == pytest.approx(reach_km(7, 10, 5.0), rel=0.02)

    def test_across_180_degrees(self):
        assert len(the_alert(one(point=[179.9, 0, 10])).parts[0].polygons) == 2


class TestWhatTheEventSays:
    def test_a_scenario_only_opens_a_drill(self):
        assert the_alert(one(id="bssc2014test_m7p0_se")).is_drill
        assert the_alert(one(type="scenario")).is_drill

    def test_a_deleted_one_is_a_cancellation(self):
        alert = the_alert(one(status="deleted"))
        assert alert.is_cancel
        assert "deleted" in " ".join(alert.warnings)

    @pytest.mark.parametrize("point", [[1, 2], [1, 2, None], [1, 2, 5000]])
    def test_a_missing_depth_is_said(self, point):
        alert = the_alert(one(point=point))
        assert "10 km was taken" in " ".join(alert.warnings)
        assert alert.measures["depth_km"] == "10"

    def test_beyond_the_equation_s_magnitudes_is_said(self):
        assert "rough guide" in remarks(the_alert(one(mag=9.1)).parts[0])

    def test_100_of_a_long_feed_are_read_and_the_rest_counted(self):
        feed = collection(*[earthquake(mag=4 + number / 100) for number in range(150)])
        found = read_file(feed)
        assert len(found.alerts) == 100
        assert found.alerts[0].measures["magnitude"] == "5.49"
        assert "150" in found.remarks[0]

    def test_a_broken_one_in_a_feed_is_said_and_the_others_read(self):
        found = read_file(collection(earthquake(), earthquake(time="now")))
        assert len(found.alerts) == 1
        assert "features[1] (line 1)" in found.remarks[0]


class TestBroken:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"mag": None}, "properties.mag"),
            ({"mag": "7"}, "properties.mag"),
            ({"mag": 70}, "properties.mag"),
            ({"time": None}, "properties.time"),
            ({"time": -5}, "properties.time"),
            ({"time": 1e300}, "properties.time"),
            ({"point": None}, "geometry.coordinates"),
            ({"point": [1]}, "geometry.coordinates"),
            ({"point": ["1", 2, 3]}, "geometry.coordinates"),
            ({"point": [14.4, -120, 10]}, "swapped"),
            ({"point": [500, 0, 10]}, "nowhere on earth"),
        ],
    )
    def test_the_member_and_the_line_are_named(self, changes, words):
        with pytest.raises(AlertFileError, match=rf"Feature \(line 1\): .*{words}"):
            read_file(one(**changes))

    def test_an_empty_feed(self):
        metadata = {"url": "https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/x.geojson"}
        with pytest.raises(AlertFileError, match="no earthquakes"):
            read_file(collection(metadata=metadata))
