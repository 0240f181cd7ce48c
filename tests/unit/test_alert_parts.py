"""What becomes of each element of a CAP alert: its part, its line, whether it is ticked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crises.alert_files import AlertFileError, FileFormat, read_alert, read_file
from tests.factories.alerts import FACTS, SQUARE, cap, polygon, said

TWO_LINES = f"""<area>
<areaDesc>Coast</areaDesc>
<polygon>{SQUARE}</polygon>
<circle>10,20 5</circle>
<geocode><valueName>UGC</valueName><value>AKZ185</value></geocode>
</area>"""


def geocode(name: str, value: str) -> str:
    return f"<geocode><valueName>{name}</valueName><value>{value}</value></geocode>"


def area(inside: str, name: str = "Coast") -> str:
    return f"<area><areaDesc>{name}</areaDesc>{inside}</area>"


class TestLines:
    def test_each_part_has_the_line_where_its_element_begins(self):
        alert = read_alert(cap(area=TWO_LINES))
        assert [(part.element, part.line) for part in alert.parts] == [
            ("<polygon>", 3),
            ("<circle>", 4),
            ("<geocode>", 5),
        ]

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (("Actual", "Real"), r"<status> \(line 3\): It says “Real”"),
            (("<status>Actual</status>", ""), r"<alert> \(line 2\): The element <status> is miss"),
            (("Actual", " "), r"<status> \(line 3\): The element <status> is empty"),
            (("Alert<", "Ack<"), r"<msgType> \(line 4\): .*warns of nothing"),
            (("10,20 ", "north,20 "), r"<polygon> \(line 8\): Point 1"),
            (("Flood", ""), r"<event> \(line 6\): The element <event> is empty"),
        ],
    )
    def test_an_error_names_its_element_and_line(self, change, words):
        text = cap().decode()
        for start in ("<alert", "<status", "<msgType", "<info", "<event", "<area", "<polygon"):
            text = text.replace(start, f"\n{start}", 1)
        with pytest.raises(AlertFileError, match=words):
            read_alert(text.replace(change[0], change[1], 1).encode())

    def test_a_warning_names_them_too(self):
        alert = read_alert(cap(replace=("<urgency>Immediate", "\n<urgency>\nNow")))
        assert "<urgency> (line 2): It says “Now”" in said(alert)

    def test_a_missing_word_is_told_by_its_parent(self):
        alert = read_alert(cap(drop="urgency"))
        assert "<info> (line 1): The element <urgency> is missing" in said(alert)

    def test_what_is_not_well_formed_has_line_and_column(self):
        with pytest.raises(AlertFileError, match="line 1, column"):
            read_file(cap()[:-30])


class TestWhatIsNotUnderstood:
    def test_a_broken_shape_beside_a_good_one_is_shown_and_the_good_one_used(self):
        alert = read_alert(cap(area=area(f"<polygon>{SQUARE}</polygon><circle>far</circle>")))
        good, bad = alert.parts
        assert good.understood
        assert not bad.understood
        assert "latitude,longitude radius" in bad.remarks[0]
        assert "Not everything that it draws could be read" in said(alert)
        assert alert.area().bounds == (20, 10, 21, 11)

    def test_an_element_inside_a_polygon_is_not_cut_off_unseen(self):
        with pytest.raises(AlertFileError, match="only numbers may stand"):
            read_alert(cap(area=polygon(f"{SQUARE} <b/> 50,50")))

    def test_comments_instructions_and_cdata_inside_a_polygon_do_no_harm(self):
        inside = "10,20 10,<!-- x -->21 <?x y?><![CDATA[11,21 ]]>11,20 10,20"
        assert read_alert(cap(area=polygon(inside))).area().bounds == (20, 10, 21, 11)

    def test_a_polygon_in_a_namespace_of_another_prefix(self):
        text = cap().decode().replace("xmlns=", "xmlns:c=")
        for name in ("alert", "identifier", "sender", "sent", "status", "msgType", "scope", "info",
                     "language", "category", "event", "urgency", "severity", "certainty", "area",
                     "areaDesc", "polygon"):  # fmt: skip
            text = text.replace(f"<{name}>", f"<c:{name}>").replace(f"</{name}>", f"</c:{name}>")
        text = text.replace("<alert ", "<c:alert ")
        assert read_file(text.encode()).alerts[0].has_shape

    def test_what_a_file_says_cannot_turn_the_words_around_it(self):
        hostile = "\u202e\u2066far"
        alert = read_alert(
            cap(area=area(f"<circle>{hostile}</circle><polygon>{SQUARE}</polygon>", hostile))
        )
        assert "\u202e" not in said(alert)
        assert alert.label == "far"

    def test_a_limit_in_height_is_kept_as_a_remark(self):
        alert = read_alert(
            cap(
                area=area(
                    f"<polygon>{SQUARE}</polygon><altitude>0</altitude><ceiling>900</ceiling>"
                )
            )
        )
        assert alert.parts[0].understood
        assert "<altitude> 0, <ceiling> 900" in alert.parts[0].remarks[0]

    def test_more_shapes_than_can_be_mended_in_time(self):
        with pytest.raises(AlertFileError, match=r"<circle> \(line 1\): .*more than 600 shapes"):
            read_alert(cap(area=area("<circle>1,1 5</circle>" * 601)))

    def test_more_codes_than_anyone_can_look_at(self):
        with pytest.raises(AlertFileError, match=r"<geocode> \(line 1\): .*more than 2,000"):
            read_alert(cap(area=area("".join(geocode("UGC", str(n)) for n in range(2_001)))))

    def test_a_flood_of_faults_does_not_bury_what_matters(self):
        nameless = f"<area><polygon>{SQUARE}</polygon></area>" + "<area><x/></area>" * 500
        alert = read_alert(cap(area=nameless, replace=("Actual", "Exercise")))
        assert "only open a drill" in alert.warnings[0]
        assert len(alert.warnings) < 60


class TestCodes:
    @pytest.mark.parametrize(
        ("name", "value", "countries"),
        [
            ("ISO3166-1", "PH", ("PH",)),
            ("ISO 3166-1 alpha-3", "phl", ("PH",)),
            ("iso3", "PHL", ("PH",)),
            ("ISO 3166-1 numeric", "608", ("PH",)),
            ("ISO3166", "PH, VN", ("PH", "VN")),
            ("country", "XK", ("XK",)),
        ],
    )
    def test_codes_of_countries_are_looked_up(self, name, value, countries):
        alert = read_alert(cap(area=area(geocode(name, value))))
        assert alert.parts[0].countries == countries
        assert alert.unresolved == []
        assert alert.area().country_codes == countries

    @pytest.mark.parametrize(
        ("name", "value"),
        [("UGC", "AKZ185"), ("SAME", "006109"), ("EMMA_ID", "FR433"), ("ISO3166-1", "PH, QQ"),
         ("ISO3166-1", "٣٤٥"), ("profile:CAP-CP:Location:0.3", "3506008"), ("", "PH")],
    )  # fmt: skip
    def test_other_codes_are_not_understood_and_say_what_to_do(self, name, value):
        alert = read_alert(cap(area=area(geocode(name, value))))
        assert not alert.parts[0].understood
        assert "Type the places" in alert.parts[0].remarks[0]
        assert alert.unresolved
        with pytest.raises(AlertFileError, match="draws no area"):
            alert.area()

    def test_a_country_that_also_stands_alone_is_ticked(self):
        code = geocode("ISO3166-1", "PH")
        alert = read_alert(
            cap(area=area(f"<polygon>{SQUARE}</polygon>{code}") + area(code, "Elsewhere"))
        )
        assert [part.chosen for part in alert.parts] == [True, False, True]
        assert alert.area().country_codes == ("PH",)

    def test_codes_as_cap_1_0_wrote_them(self):
        alert = read_alert(cap(area=area("<geocode>iso3=PHL</geocode>")))
        assert alert.parts[0].countries == ("PH",)

    def test_a_code_without_value(self):
        alert = read_alert(cap(area=area(geocode("UGC", ""))))
        assert "no <value>" in alert.parts[0].remarks[0]

    def test_a_part_of_a_country_is_not_taken_for_the_whole(self):
        alert = read_alert(cap(area=area(geocode("ISO3166-2", "MX-CHP"))))
        part = alert.parts[0]
        assert (part.countries, part.chosen) == (("MX",), False)
        assert "a part of Mexico" in part.remarks[0]
        assert alert.unresolved == ["Coast: ISO3166-2 MX-CHP"]

    def test_a_country_beside_a_drawing_is_offered_and_not_ticked(self):
        alert = read_alert(
            cap(area=area(f"<polygon>{SQUARE}</polygon>{geocode('ISO3166-1', 'PH')}"))
        )
        assert [part.chosen for part in alert.parts] == [True, False]
        assert alert.area().country_codes == ()
        assert alert.area(alert.parts).country_codes == ("PH",)


class TestLanguagesThatDiffer:
    @staticmethod
    def two(first: str, second: str) -> bytes:
        spanish = FACTS.replace("en-US", "es-MX").replace("Flood", "Inundación")
        return cap(info=f"<info>{FACTS}{first}</info><info>{spanish}{second}</info>")

    def test_the_same_area_in_two_languages_is_listed_once(self):
        data = self.two(polygon(SQUARE), polygon(f" {SQUARE} ").replace("Coast", "Costa"))
        alert = read_alert(data, language="es")
        assert [part.name for part in alert.parts] == ["Costa"]

    def test_a_country_beside_a_drawing_of_one_language_only_is_not_ticked_by_the_other(self):
        code = geocode("ISO3166-1", "PH")
        data = self.two(area(f"<polygon>{SQUARE}</polygon>{code}"), area(code))
        assert [part.chosen for part in read_alert(data, language="en").parts] == [True, False]

    def test_what_only_the_other_language_draws_is_taken_in_as_well(self):
        data = self.two(polygon(SQUARE), polygon("1,1 1,2 2,2 1,1"))
        alert = read_alert(data, language="es")
        assert [part.chosen for part in alert.parts] == [True, True]
        assert "another language (en-US)" in alert.parts[1].remarks[-1]


class TestUpdatesAndCancellations:
    REFERENCES = (
        "<references>someone,x-0,2024-01-02T03:04:05-05:00\n other,x-9,nonsense</references>"
    )

    def test_an_update_names_what_it_supersedes(self):
        alert = read_alert(cap(extra=self.REFERENCES, replace=("Alert<", "Update<")))
        assert alert.supersedes == ["x-0", "x-9"]
        first, second = alert.references
        assert first == ("someone", "x-0", datetime(2024, 1, 2, 8, 4, 5, tzinfo=UTC))
        assert second.sent is None
        assert alert.facts()["supersedes"] == ["x-0", "x-9"]
        assert alert.has_shape

    def test_a_first_alert_supersedes_nothing(self):
        assert read_alert(cap(extra=self.REFERENCES)).supersedes == []

    def test_of_a_cancellation_nothing_is_ticked_unless_asked(self):
        alert = read_alert(cap(extra=self.REFERENCES, replace=("Alert<", "Cancel<")))
        assert alert.supersedes == ["x-0", "x-9"]
        assert not alert.has_shape
        assert "cancels an earlier alert" in said(alert)
        assert alert.area(alert.parts).bounds == (20, 10, 21, 11)
        with pytest.raises(AlertFileError):
            alert.area()

    def test_a_cancellation_that_says_no_more_than_what_it_cancels(self):
        alert = read_alert(
            cap(
                info="<note>False alarm</note>",
                extra=self.REFERENCES,
                replace=("Alert<", "Cancel<"),
            )
        )
        assert (alert.event, alert.parts) == ("", [])
        assert "False alarm" in said(alert)

    def test_an_update_that_does_not_say_of_what(self):
        assert "<references> is missing" in said(read_alert(cap(replace=("Alert<", "Update<"))))

    def test_a_reference_that_is_none_is_left_out_with_its_line(self):
        alert = read_alert(cap(extra="\n<references>x-0</references>"))
        assert alert.references == []
        assert "<references> (line 2): “x-0”" in said(alert)


class TestHazards:
    @pytest.mark.parametrize(
        ("event", "hazard"),
        [
            ("Tsunami Warning after an earthquake", "tsunami"),
            ("Aviso de Ciclón Tropical en el Pacífico", "tropical_cyclone"),
            ("HURACÁN OTIS", "tropical_cyclone"),
            ("Séisme", "earthquake"),
            ("Inondation", "flood"),
            ("تسونامي", "tsunami"),
            ("Red Warning for Volcanic Ash", "volcano"),
            ("Gale", ""),
        ],
    )
    def test_the_hazard_is_told_by_the_event(self, event, hazard):
        assert read_alert(cap(replace=("Flood", event))).hazard == hazard

    def test_words_in_capitals(self):
        alert = read_alert(cap(replace=("Actual", "ACTUAL")).replace(b"Immediate", b"IMMEDIATE"))
        assert (alert.status, alert.urgency, alert.is_drill) == ("Actual", "Immediate", False)


class TestTellingFormatsApart:
    def test_swapped_coordinates_are_read_and_said(self):
        read = read_file(cap(area=polygon("120,21 130,21 130,5 120,21")))
        assert read.format == FileFormat.CAP
        assert read.alerts[0].area().bounds == (120, 5, 130, 21)
        assert "swapped" in said(read.alerts[0])

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
    def test_any_unicode(self, encoding):
        assert read_file(cap().decode().encode(encoding)).alerts[0].has_shape

    @pytest.mark.parametrize(
        ("data", "name", "words"),
        [
            (b"", "", "empty"),
            (b"\xef\xbb\xbf  ", "", "empty"),
            (b"\x00" * 100, "", "empty"),
            (b"%PDF-1.7", "a.cap", "PDF"),
            (b"\x89PNG\r\n", "a.cap", "picture"),
            (b"\x1f\x8b\x08", "", "compressed"),
            (b"\x00\x00\x27\x0a", "coast.shp", "map software"),
            (b"north of the river", "", "line 1 begins neither"),
            (b"<html>\n<body/></html>", "a.cap", r"<html> \(line 1\): This is a web page"),
            (b"\n<!DOCTYPE HTML><html/>", "", r"<html> \(line 2\): This is a web page"),
            (b"\n\n<Report/>", "", r"<Report> \(line 3\): No format"),
            (b"<!-- " + b"x" * 70_000 + b"-->\n<alert/>", "", r"<alert> \(line 2\)"),
            (b"<!-- " + b"x" * 70_000, "", "line 1, column 1"),
        ],
    )
    def test_what_is_none_says_what_it_seems_to_be(self, data, name, words):
        with pytest.raises(AlertFileError, match=words):
            read_file(data, name=name)

    def test_a_declaration_is_refused_with_its_line(self):
        data = b'<?xml version="1.0"?>\n<!DOCTYPE alert [<!ENTITY a "b">]>\n<alert/>'
        with pytest.raises(AlertFileError, match=r"<!DOCTYPE> \(line 2\)"):
            read_file(data)
