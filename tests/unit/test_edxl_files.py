"""EDXL-DE around CAP: what is in the envelope, whom it names, and what it is not."""

from __future__ import annotations

import pytest

from crises.alert_files import AlertFileError, FileFormat, read_file
from tests.factories.alerts import SQUARE, cap, polygon, said

DE_1 = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
PICTURE = (
    "<contentObject><contentDescription>Map of the flood</contentDescription><nonXMLContent>"
    "<mimeType>image/png</mimeType><contentData>iVBORw0KGgo=</contentData>"
    "</nonXMLContent></contentObject>"
)


def carrying(*alerts: bytes) -> str:
    inside = "".join(alert.decode().partition("?>")[2] for alert in alerts)
    return (
        "<contentObject><xmlContent><embeddedXMLContent>\n"
        f"{inside}</embeddedXMLContent></xmlContent></contentObject>"
    )


def edxl(
    content: str | None = None,
    *,
    target: str = "",
    status: str = "Actual",
    kind: str = "Report",
    namespace: str = DE_1,
) -> bytes:
    return (
        f'<?xml version="1.0"?>\n<EDXLDistribution xmlns="{namespace}">'
        "<distributionID>d-1</distributionID><senderID>someone@example.org</senderID>"
        "<dateTimeSent>2024-01-02T03:04:05-00:00</dateTimeSent>"
        f"<distributionStatus>{status}</distributionStatus>\n"
        f"<distributionType>{kind}</distributionType>\n"
        f"<targetArea>{target}</targetArea>{carrying(cap()) if content is None else content}"
        "</EDXLDistribution>"
    ).encode()


class TestWhatItCarries:
    def test_one_alert(self):
        read = read_file(edxl())
        assert read.format == FileFormat.EDXL
        assert [alert.identifier for alert in read.alerts] == ["x-1"]
        assert read.alerts[0].area().bounds == (20, 10, 21, 11)
        assert read.alerts[0].parts[0].line == 5
        assert read.remarks == []

    @pytest.mark.parametrize("namespace", ["urn:oasis:names:tc:emergency:EDXL:DE:2.0", DE_1])
    def test_several_alerts_in_several_objects(self, namespace):
        second = cap(replace=("x-1", "x-2"))
        content = carrying(cap()) + carrying(second, cap(replace=("x-1", "x-3")))
        read = read_file(edxl(content, namespace=namespace))
        assert [alert.identifier for alert in read.alerts] == ["x-1", "x-2", "x-3"]

    def test_an_alert_in_the_namespace_of_the_envelope(self):
        inside = cap(replace=(' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', ""))
        alert = read_file(edxl(carrying(inside))).alerts[0]
        assert alert.has_shape
        assert "does not say that it is CAP" in said(alert)

    def test_a_broken_alert_beside_a_good_one(self):
        read = read_file(edxl(carrying(cap(drop="sent"), cap())))
        assert len(read.alerts) == 1
        assert "<alert> (line 5): The element <sent> is missing" in read.remarks[0]

    def test_a_picture_beside_an_alert_is_named_and_left_out(self):
        read = read_file(edxl(carrying(cap()) + PICTURE))
        assert len(read.alerts) == 1
        assert "“Map of the flood” (image/png) is not XML" in read.remarks[0]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (PICTURE, r"<nonXMLContent> \(line 4\): “Map of the flood”"),
            ("", r"<EDXLDistribution> \(line 2\): It carries no CAP alert"),
            (
                carrying(b'<?xml version="1.0"?><SitRep/>'),
                r"<SitRep> \(line 5\): It is no CAP alert",
            ),
            (carrying(cap(drop="event")), r"<info> \(line 5\): The element <event> is missing"),
        ],
    )
    def test_what_cannot_be_read(self, content, words):
        with pytest.raises(AlertFileError, match=words):
            read_file(edxl(content))

    def test_what_the_whole_message_draws_is_counted_together(self):
        many = cap(area="<area><areaDesc>A</areaDesc>" + "<circle>1,1 5</circle>" * 301 + "</area>")
        with pytest.raises(AlertFileError, match=r"<circle> \(line 5\): .*more than 600"):
            read_file(edxl(carrying(many, many)))


class TestWhomItIsFor:
    TARGET = (
        f"<circle>38.26, -122.07 15</circle><polygon>{SQUARE}</polygon><country>US</country>"
        "<subdivision>US-CA</subdivision><locCodeUN>USSFO</locCodeUN><valueList>x</valueList>"
    )

    def test_its_area_is_offered_beside_the_alert_s_own(self):
        alert = read_file(edxl(target=self.TARGET)).alerts[0]
        assert [part.element for part in alert.parts] == [
            "<polygon>", "<circle>", "<polygon>", "<country>", "<subdivision>", "<locCodeUN>",
            "<valueList>",
        ]  # fmt: skip
        assert [part.chosen for part in alert.parts] == [True] + [False] * 6
        assert [part.understood for part in alert.parts] == [True] * 5 + [False] * 2
        assert alert.parts[3].countries == ("US",)
        assert all("for whom" in part.remarks[-1] for part in alert.parts[1:])

    def test_its_area_is_ticked_where_the_alert_has_none(self):
        target = "<circle>38.26,-122.07 15</circle><country>MX</country>"
        alert = read_file(edxl(carrying(cap(area="")), target=target)).alerts[0]
        assert [part.chosen for part in alert.parts] == [True, True]
        assert alert.area().country_codes == ("MX",)
        assert "draws no area" not in said(alert)

    def test_a_broken_shape_of_it_leaves_the_alert_usable(self):
        alert = read_file(edxl(target="<circle>here</circle>")).alerts[0]
        assert alert.has_shape
        assert not alert.parts[1].understood

    def test_swapped_coordinates_of_it(self):
        target = "<polygon>120,21 130,21 130,5 120,21</polygon>"
        alert = read_file(edxl(carrying(cap(area="")), target=target)).alerts[0]
        assert alert.area().bounds == (120, 5, 130, 21)
        assert "swapped" in said(alert)

    def test_swapped_coordinates_of_an_alert_do_not_turn_the_others(self):
        turned = cap(area=polygon("120,21 130,21 130,5 120,21"))
        first, second = read_file(edxl(carrying(turned, cap()))).alerts
        assert first.area().bounds == (120, 5, 130, 21)
        assert second.area().bounds == (20, 10, 21, 11)


class TestWhatItIsNot:
    @pytest.mark.parametrize("status", ["Exercise", "System", "Test", "exercise"])
    def test_an_exercise_makes_every_alert_in_it_one(self, status):
        alert = read_file(edxl(status=status)).alerts[0]
        assert alert.is_drill
        assert "can only open a drill" in said(alert)

    def test_an_earnest_envelope_makes_no_exercise_earnest(self):
        alert = read_file(edxl(carrying(cap(replace=("Actual", "Test"))))).alerts[0]
        assert alert.status == "Test"

    def test_a_cancellation_ticks_nothing(self):
        alert = read_file(edxl(kind="Cancel", target="<country>MX</country>")).alerts[0]
        assert not alert.has_shape
        assert "cancels an earlier one" in said(alert)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"status": "Real"}, r"<distributionStatus> \(line 2\): It says “Real”"),
            ({"kind": "Ack"}, r"<distributionType> \(line 3\): It says “Ack”"),
            ({"kind": "Request"}, r"<distributionType> \(line 3\): It says “Request”"),
        ],
    )
    def test_what_warns_of_nothing_is_refused(self, change, words):
        with pytest.raises(AlertFileError, match=words):
            read_file(edxl(**change))

    def test_another_namespace_is_said(self):
        assert "does not say that it is EDXL-DE" in read_file(edxl(namespace="urn:x")).remarks[0]
