"""Alert files of real authorities, and what a hostile or broken one can hold."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation
from shapely.geometry import Point

from crises.alert_files import AlertFileError, SwappedCoordinates, read_alert
from tests.factories.alerts import FACTS, REAL, SQUARE, cap, polygon, said


class TestRealFiles:
    def test_mexico(self):
        alert = read_alert((REAL / "mexico.xml").read_bytes())
        assert alert.identifier == "avisossmn-ciclontropical-4063"
        assert alert.sender == "smn.cna.gob.mx"
        assert alert.sent == datetime(2018, 10, 20, 12, 15, tzinfo=UTC)
        assert alert.expires == datetime(2018, 10, 20, 15, 15, tzinfo=UTC)
        assert (alert.status, alert.msg_type, alert.is_drill) == ("Actual", "Update", False)
        assert alert.language == "es-419"
        assert alert.event == "Aviso de Ciclón Tropical en el Pacífico"
        assert alert.headline.startswith("LA TORMENTA TROPICAL")
        assert "  " not in alert.description
        assert (alert.urgency, alert.severity, alert.certainty) == ("Unknown",) * 3
        assert alert.label == "Chis,Oax"
        assert len(alert.polygons) == 1
        tapachula, mexico_city = Point(-92.26, 14.91), Point(-99.13, 19.43)
        assert alert.polygons[0].contains(tapachula)
        assert not alert.polygons[0].contains(mexico_city)
        assert alert.is_expired()
        assert "expired" in said(alert)

    def test_philippines_is_a_signed_test(self):
        alert = read_alert((REAL / "ph.cap").read_bytes())
        assert alert.status == "Test"
        assert alert.is_drill
        assert alert.is_signed
        assert alert.language == "en-US"
        assert alert.polygons[0].bounds == (113, 5, 130, 21)
        assert alert.polygons[0].contains(Point(120.98, 14.6))  # Manila
        assert "not verified" in said(alert)
        assert "only open a drill" in said(alert)

    def test_tsunami_names_its_area_by_codes_only(self):
        alert = read_alert((REAL / "wcatwc-warning.cap").read_bytes())
        assert not alert.has_shape
        assert [part.name for part in alert.parts] == ["UGC AKZ185", "UGC AKZ187"]
        assert alert.unresolved
        assert all("UGC" in line for line in alert.unresolved)
        assert "not resolved" in said(alert)
        assert "draws no area" in said(alert)
        assert (alert.urgency, alert.severity) == ("Immediate", "Extreme")
        with pytest.raises(AlertFileError, match="draws no area"):
            alert.area()

    def test_the_facts_are_plain_json(self):
        facts = read_alert((REAL / "mexico.xml").read_bytes()).facts()
        assert json.loads(json.dumps(facts))["identifier"] == "avisossmn-ciclontropical-4063"


class TestShapes:
    def test_a_square_has_latitude_first(self):
        assert read_alert(cap()).polygons[0].bounds == (20, 10, 21, 11)
        assert read_alert(cap()).warnings == []

    def test_several_areas_and_shapes(self):
        area = (
            f"<area><areaDesc>A</areaDesc><polygon>{SQUARE}</polygon>"
            "<polygon>1,1 1,2 2,2 1,1</polygon></area>"
            "<area><areaDesc>B</areaDesc><circle>27.7,85.3 100</circle></area>"
        )
        alert = read_alert(cap(area=area))
        assert [part.element for part in alert.parts] == ["<polygon>", "<polygon>", "<circle>"]
        assert [part.name for part in alert.parts] == ["A", "A", "B"]
        assert alert.polygons[2].contains(Point(85.3, 28.59))
        assert not alert.polygons[2].contains(Point(85.3, 28.61))
        assert alert.label == "A, B"

    def test_spaces_after_commas_and_line_breaks(self):
        alert = read_alert(cap(area=polygon("\n10, 20\n 10 ,21 11,21\t11,20 10,20 ")))
        assert alert.polygons[0].bounds == (20, 10, 21, 11)

    def test_an_open_polygon_is_closed(self):
        alert = read_alert(cap(area=polygon("10,20 10,21 11,21 11,20")))
        assert alert.polygons[0].area == pytest.approx(1)
        assert "not closed" in said(alert)

    @pytest.mark.parametrize(
        "text", ["10,20", "10,20 11,21", "10,20 11,21 10,20", "1,1 1,1 1,1 1,1"]
    )
    def test_too_few_points(self, text):
        with pytest.raises(AlertFileError, match="fewer than four points"):
            read_alert(cap(area=polygon(text)))

    def test_points_on_one_line(self):
        with pytest.raises(AlertFileError, match="one line"):
            read_alert(cap(area=polygon("1,1 2,2 3,3 1,1")))

    def test_a_crossing_polygon_is_repaired(self):
        alert = read_alert(cap(area=polygon("0,0 10,10 10,0 0,10 0,0")))
        assert len(alert.polygons) == 2
        assert all(piece.is_valid for piece in alert.polygons)
        assert sum(piece.area for piece in alert.polygons) == pytest.approx(50)
        assert "crosses itself" in said(alert)

    def test_an_empty_polygon_beside_a_good_one(self):
        alert = read_alert(cap(area=polygon("") + polygon(SQUARE)))
        assert len(alert.polygons) == 1
        assert "empty <polygon>" in said(alert)

    def test_an_empty_polygon_alone(self):
        alert = read_alert(cap(area=polygon("  ")))
        assert not alert.has_shape
        assert "draws no area" in said(alert)

    def test_no_area_at_all(self):
        assert "draws no area" in said(read_alert(cap(area="")))

    @pytest.mark.parametrize(
        "text",
        [
            "north,20 10,21 11,21 11,20",
            "nan,20 10,21 11,21 11,20",
            "inf,20 10,21 11,21 11,20",
            "1_0,20 10,21 11,21 11,20",
            "10 20 10 21",
            "10,20,5 10,21,5 11,21,5",
            "10;20 10;21",
            "١٠,20 10,21 11,21 11,20",
        ],
    )
    def test_points_that_are_no_numbers(self, text):
        with pytest.raises(AlertFileError, match="Point 1 of the area"):
            read_alert(cap(area=polygon(text)))

    def test_a_number_too_large_for_the_machine(self):
        with pytest.raises(AlertFileError, match="nowhere on earth"):
            read_alert(cap(area=polygon("1e999,20 10,21 11,21 11,20")))

    def test_swapped_coordinates_are_noticed_and_can_be_read_swapped(self):
        area = polygon("120,21 130,21 130,5 120,21")
        with pytest.raises(SwappedCoordinates, match="swapped"):
            read_alert(cap(area=area))
        alert = read_alert(cap(area=area), swapped=True)
        assert alert.polygons[0].bounds == (120, 5, 130, 21)

    def test_coordinates_that_could_be_either_are_left_alone(self):
        alert = read_alert(cap(area=polygon("30,40 30,41 31,41 30,40")))
        assert alert.polygons[0].bounds == (40, 30, 41, 31)

    def test_a_place_nowhere_on_earth(self):
        with pytest.raises(AlertFileError, match="nowhere on earth"):
            read_alert(cap(area=polygon("120,200 130,200 130,205 120,200")))

    def test_the_antimeridian_is_crossed_the_short_way(self):
        alert = read_alert(cap(area=polygon("-10,179 -10,-179 -12,-179 -12,179 -10,179")))
        assert sum(piece.area for piece in alert.polygons) == pytest.approx(4)
        assert "180th meridian" in said(alert)
        assert all(-180 <= x <= 180 for piece in alert.polygons for x in piece.bounds[::2])

    def test_longitudes_beyond_180(self):
        alert = read_alert(cap(area=polygon("-10,179 -10,181 -12,181 -12,179 -10,179")))
        assert sum(piece.area for piece in alert.polygons) == pytest.approx(4)
        assert min(piece.bounds[0] for piece in alert.polygons) == -180

    def test_around_the_pole(self):
        alert = read_alert(cap(area=polygon("80,0 80,90 80,180 80,-90 80,0")))
        assert sum(piece.area for piece in alert.polygons) == pytest.approx(3600)
        assert any(piece.intersects(Point(10, 89.9)) for piece in alert.polygons)

    @pytest.mark.parametrize(
        "text",
        ["10,20", "10,20 far", "10,20 -5", "10,20 nan", "10,20 99999", "10,20 5 6", "x,20 5"],
    )
    def test_circles_that_are_none(self, text):
        with pytest.raises(AlertFileError, match=r"circle|area"):
            read_alert(cap(area=f"<area><areaDesc>A</areaDesc><circle>{text}</circle></area>"))

    def test_a_circle_of_no_radius_is_a_point(self):
        area = "<area><areaDesc>A</areaDesc><circle>10,20 0</circle></area>"
        alert = read_alert(cap(area=area))
        assert alert.area().square_km == pytest.approx(math.pi, rel=0.02)
        assert "radius 0" in said(alert)

    def test_codes_beside_a_polygon_are_listed_and_not_unresolved(self):
        code = "<geocode><valueName>UGC</valueName><value>AKZ185</value></geocode>"
        alert = read_alert(cap(area=polygon(SQUARE).replace("</area>", f"{code}</area>")))
        assert [part.understood for part in alert.parts] == [True, False]
        assert alert.unresolved == []

    def test_more_than_100000_points(self):
        points = " ".join(["1,1"] * 100_001)
        with pytest.raises(AlertFileError, match="more than 100,000 points"):
            read_alert(cap(area=polygon(points)))

    def test_a_circle_of_100000_points_is_read(self):
        ring = [
            f"{10 + 5 * math.sin(angle):.5f},{20 + 5 * math.cos(angle):.5f}"
            for angle in (2 * math.pi * step / 99_000 for step in range(99_000))
        ]
        alert = read_alert(cap(area=polygon(" ".join(ring))))
        assert alert.polygons[0].area == pytest.approx(78.54, rel=0.01)


class TestLanguages:
    @staticmethod
    def two(first_area: str = polygon(SQUARE), second_area: str = polygon(SQUARE)) -> bytes:
        spanish = FACTS.replace("en-US", "es-MX").replace("Flood", "Inundación")
        return cap(info=f"<info>{FACTS}{first_area}</info><info>{spanish}{second_area}</info>")

    @pytest.mark.parametrize(
        ("wanted", "event"),
        [("es", "Inundación"), ("es-MX", "Inundación"), ("en", "Flood"), ("ar", "Flood")],
    )
    def test_the_wanted_language_is_chosen(self, wanted, event):
        alert = read_alert(self.two(), language=wanted)
        assert alert.event == event
        assert alert.languages == ["en-US", "es-MX"]
        assert len(alert.polygons) == 1

    def test_without_a_wish_it_is_the_page_s_language(self):
        with translation.override("es"):
            assert read_alert(self.two()).event == "Inundación"

    def test_an_area_drawn_in_the_other_language_only(self):
        assert read_alert(self.two(second_area=""), language="es").has_shape

    def test_two_infos_of_one_language_give_both_areas(self):
        other = polygon("1,1 1,2 2,2 1,1")
        alert = read_alert(
            cap(info=f"<info>{FACTS}{polygon(SQUARE)}</info><info>{FACTS}{other}</info>")
        )
        assert len(alert.polygons) == 2


class TestWords:
    @pytest.mark.parametrize("name", ["identifier", "sender", "sent", "status", "msgType", "event"])
    def test_a_missing_element_is_named(self, name):
        with pytest.raises(AlertFileError, match=f"<{name}> is missing"):
            read_alert(cap(drop=name))

    def test_no_info(self):
        with pytest.raises(AlertFileError, match="<info> is missing"):
            read_alert(cap(info=""))

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [("<status>Actual", "<status>Real"), ("<msgType>Alert", "<msgType>Shout")],
    )
    def test_a_word_outside_the_list(self, right, wrong):
        with pytest.raises(AlertFileError, match="must be one of"):
            read_alert(cap(replace=(right, wrong)))

    def test_unknown_severity_is_unknown(self):
        alert = read_alert(cap(replace=("<severity>Extreme", "<severity>Awful")))
        assert alert.severity == "Unknown"
        assert "Awful" in said(alert)

    def test_a_missing_urgency_is_unknown(self):
        alert = read_alert(cap(drop="urgency"))
        assert alert.urgency == "Unknown"
        assert "<urgency> is missing" in said(alert)

    @pytest.mark.parametrize("status", ["Exercise", "System", "Test", "Draft"])
    def test_anything_but_actual_is_a_drill(self, status):
        assert read_alert(cap(replace=("Actual", status))).is_drill

    def test_a_cancellation_is_said(self):
        assert "cancels" in said(read_alert(cap(replace=("<msgType>Alert", "<msgType>Cancel"))))

    @pytest.mark.parametrize("word", ["Ack", "Error"])
    def test_an_acknowledgement_warns_of_nothing(self, word):
        with pytest.raises(AlertFileError, match="warns of nothing"):
            read_alert(cap(replace=("<msgType>Alert", f"<msgType>{word}")))

    def test_a_restricted_alert(self):
        assert "Restricted" in said(read_alert(cap(replace=("Public", "Restricted"))))

    def test_cap_1_1_is_read_and_very_likely_is_likely(self):
        data = cap(replace=("cap:1.2", "cap:1.1")).replace(b"Observed", b"Very Likely")
        alert = read_alert(data)
        assert alert.certainty == "Likely"
        assert alert.warnings == []

    def test_no_namespace_is_said(self):
        data = cap(replace=(' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', ""))
        assert "does not say that it is CAP" in said(read_alert(data))

    def test_an_endless_text_is_cut(self):
        alert = read_alert(
            cap(area=f"<description>{'x ' * 400_000}</description>{polygon(SQUARE)}")
        )
        assert len(alert.description) <= 10_000

    def test_messages_are_translated(self):
        with translation.override("es"), pytest.raises(AlertFileError) as caught:
            read_alert(b"")
        assert str(caught.value)


class TestDates:
    @pytest.mark.parametrize(
        "sent",
        ["yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-13-01"],
    )
    def test_a_date_that_is_none(self, sent):
        with pytest.raises(AlertFileError, match="<sent>"):
            read_alert(cap(sent=sent))

    def test_an_unreadable_expiry_is_left_out(self):
        alert = read_alert(cap(area=f"<expires>soon</expires>{polygon(SQUARE)}"))
        assert alert.expires is None
        assert "<expires>" in said(alert)

    def test_an_old_alert_is_said_to_be_old(self):
        assert "30 days ago" in said(read_alert(cap(sent="2018-01-01T00:00:00-00:00")))

    def test_a_future_alert_is_said_to_be_so(self):
        sent = (timezone.now() + timedelta(days=3)).isoformat()
        assert "future" in said(read_alert(cap(sent=sent)))

    def test_a_running_alert_has_not_expired(self):
        expires = (timezone.now() + timedelta(hours=1)).isoformat()
        assert not read_alert(
            cap(area=f"<expires>{expires}</expires>{polygon(SQUARE)}")
        ).is_expired()

    def test_a_time_without_zone_and_with_z(self):
        now = timezone.now().replace(microsecond=0)
        assert read_alert(cap(sent=now.strftime("%Y-%m-%dT%H:%M:%SZ"))).sent == now
        assert read_alert(cap(sent=now.strftime("%Y-%m-%dT%H:%M:%S"))).sent == now
