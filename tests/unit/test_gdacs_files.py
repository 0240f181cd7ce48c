"""GDACS's feed: the real one of a day, and what an officer finds ticked for each kind of event."""

from __future__ import annotations

from functools import cache

import pytest
from shapely.geometry import Point

from crises.alert_files import AlertFile, AlertFileError, FileFormat, ReadFile, read_file
from tests.factories.alerts import REAL, cap, said

NAMESPACES = (
    'xmlns:gdacs="http://www.gdacs.org" xmlns:georss="http://www.georss.org/georss" '
    'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"'
)


@cache
def real() -> ReadFile:
    return read_file((REAL / "gdacs-rss-24h.xml").read_bytes())


def event(identifier: str) -> AlertFile:
    return next(alert for alert in real().alerts if alert.identifier == identifier)


def item(
    kind: str = "EQ",
    *,
    places: str = "<georss:point>10 20</georss:point>",
    magnitude: str = "5.3",
    depth: str = "10",
    extra: str = "",
) -> str:
    return (
        "<item><title>Something happened</title><description>Here.</description>"
        "<pubDate>Mon, 30 Dec 2019 00:17:00 GMT</pubDate>"
        f"<gdacs:eventtype>{kind}</gdacs:eventtype><gdacs:eventid>7</gdacs:eventid>"
        "<gdacs:alertlevel>Orange</gdacs:alertlevel>"
        f'<gdacs:severity unit="M" value="{magnitude}">Depth:{depth}km</gdacs:severity>'
        f"{places}{extra}</item>"
    )


def feed(*items: str) -> bytes:
    body = "\n".join(items)
    return f'<rss version="2.0" {NAMESPACES}><channel>\n{body}</channel></rss>'.encode()


def one(*args: str, **kwargs: str) -> AlertFile:
    return read_file(feed(item(*args, **kwargs))).alerts[0]


def ticked(alert: AlertFile) -> list[str]:
    return [part.element for part in alert.parts if part.chosen and part.understood]


class TestTheRealFeed:
    def test_each_event_is_an_alert(self):
        assert real().format == FileFormat.GDACS
        assert real().remarks == []
        hazards = [alert.hazard for alert in real().alerts]
        assert len(hazards) == 21
        assert {name: hazards.count(name) for name in set(hazards)} == {
            "drought": 11,
            "earthquake": 8,
            "tropical_cyclone": 2,
        }
        assert all(alert.has_shape for alert in real().alerts)

    def test_a_drought_is_the_countries_that_it_names(self):
        alert = event("DR1013280")
        assert alert.area().country_codes == (
            "BA", "BG", "BY", "HR", "MD", "ME", "PL", "RO", "RS", "RU", "UA",
        )  # fmt: skip
        assert set(ticked(alert)) == {"<country>"}
        assert alert.measures["alert_level"] == "Green"

    def test_a_cyclone_takes_in_the_countries_that_only_its_text_names(self):
        alert = event("TC1000642")
        assert alert.area().country_codes == ("FJ", "NU", "TO")
        assert ticked(alert) == ["<point>", "<country>", "<description>", "<description>"]
        assert "wind radii are only in files" in said(alert)
        assert alert.measures["wind_km_h"] == "130"

    @pytest.mark.parametrize("identifier", ["TC1000642", "TC1000643"])
    def test_a_rectangle_that_misses_its_own_event_is_not_relied_upon(self, identifier):
        rectangle = event(identifier).parts[1]
        assert rectangle.element == "<bbox>"
        assert not rectangle.chosen
        assert "does not hold the event's own point" in rectangle.remarks[-1]

    def test_a_circle_across_180_degrees(self):
        circle = event("TC1000642").parts[0]
        assert any(polygon.contains(Point(179, -20)) for polygon in circle.polygons)
        assert any(polygon.contains(Point(-176, -20)) for polygon in circle.polygons)

    def test_an_earthquake_is_a_circle_and_not_the_whole_of_russia(self):
        alert = event("EQ1200011")
        assert ticked(alert) == ["<point>"]
        assert alert.area().square_km == pytest.approx(31_416, rel=0.02)
        assert (alert.measures["magnitude"], alert.measures["depth_km"]) == ("4.5", "118.92")

    def test_an_earthquake_at_sea_names_no_country(self):
        assert [part.element for part in event("EQ1200043").parts] == ["<point>", "<bbox>"]

    def test_a_name_that_is_no_country_s_is_shown_as_not_understood(self):
        place, japan = event("EQ1199979").parts[2:]
        assert (place.name, place.understood) == ("Southeast Of Honshu", False)
        assert japan.countries == ("JP",)


class TestWhatIsTicked:
    @pytest.mark.parametrize(
        ("magnitude", "depth", "least", "most"),
        [("4.0", "10", 100, 101), ("6.0", "10", 100, 101), ("7.0", "10", 170, 190),
         ("8.0", "30", 450, 500), ("9.1", "30", 1400, 2000), ("99", "10", 300, 301),
         ("nonsense", "10", 300, 301), ("7.0", "9999", 100, 101)],
    )  # fmt: skip
    def test_the_radius_grows_with_the_earthquake(self, magnitude, depth, least, most):
        square_km = one(magnitude=magnitude, depth=depth).area().square_km
        assert 3.14 * least**2 <= square_km <= 3.2 * most**2

    @pytest.mark.parametrize(
        ("kind", "elements"),
        [
            ("DR", ["<country>"]),
            ("EQ", ["<point>"]),
            ("FL", ["<point>", "<bbox>"]),
            ("TC", ["<point>", "<country>"]),
            ("VO", ["<point>"]),
            ("WF", ["<point>"]),
            ("TS", ["<point>", "<bbox>", "<country>"]),
            ("XX", ["<point>", "<bbox>", "<country>"]),
        ],
    )
    def test_by_the_kind_of_event(self, kind, elements):
        places = (
            "<georss:point>10 20</georss:point><gdacs:bbox>16 24 6 14</gdacs:bbox>"
            "<gdacs:country>Chad</gdacs:country>"
        )
        assert ticked(one(kind, places=places)) == elements

    @pytest.mark.parametrize(
        ("kind", "places", "elements"),
        [
            ("EQ", "<gdacs:country>Chad</gdacs:country>", ["<country>"]),
            ("EQ", "<gdacs:bbox>16 24 6 14</gdacs:bbox>", ["<bbox>"]),
            ("DR", "<georss:point>10 20</georss:point>", ["<point>"]),
            ("FL", "<gdacs:iso3>TCD</gdacs:iso3>", ["<iso3>"]),
            ("EQ", "<geo:Point><geo:lat>10</geo:lat><geo:long>20</geo:long></geo:Point>",
             ["<Point>"]),
        ],
    )  # fmt: skip
    def test_what_there_is_where_the_usual_is_missing(self, kind, places, elements):
        assert ticked(one(kind, places=places)) == elements

    def test_a_country_named_by_code_and_by_name_is_listed_once(self):
        places = "<gdacs:iso3>TCD</gdacs:iso3><gdacs:country>Chad, Niger</gdacs:country>"
        assert [part.countries for part in one("DR", places=places).parts] == [("TD",), ("NE",)]

    def test_a_country_of_a_drought_that_is_not_recognised_is_said(self):
        alert = one("DR", places="<gdacs:country>Chad, Atlantis</gdacs:country>")
        assert alert.unresolved == ["Atlantis"]
        assert "Not every country that it names was recognised: Atlantis" in said(alert)

    def test_an_event_without_any_place(self):
        alert = one(places="")
        assert not alert.has_shape
        assert "<item> (line 2): Nothing here says where" in said(alert)

    @pytest.mark.parametrize(
        ("bbox", "bounds"),
        [("176 -176 -20 -10", (-180, -20, 180, -10)), ("176 184 -20 -10", (-180, -20, 180, -10)),
         ("16 24 80 95", (16, 80, 24, 90))],
    )  # fmt: skip
    def test_rectangles_across_180_degrees_and_a_pole(self, bbox, bounds):
        alert = one(places=f"<gdacs:bbox>{bbox}</gdacs:bbox>")
        assert alert.area().bounds == bounds
        assert alert.area().square_km < 2_000_000

    @pytest.mark.parametrize(
        "places",
        ["<georss:point>10</georss:point>", "<georss:point>95 20</georss:point>",
         "<georss:point>nan 20</georss:point>", "<georss:point>1e999 20</georss:point>",
         "<georss:point/>", "<geo:Point/>", "<gdacs:bbox>1 2 3</gdacs:bbox>",
         "<gdacs:bbox>1 1 2 2</gdacs:bbox>", "<gdacs:bbox>a b c d</gdacs:bbox>",
         "<gdacs:bbox>1 500 2 3</gdacs:bbox>", "<gdacs:iso3>QQQ</gdacs:iso3>"],
    )  # fmt: skip
    def test_places_that_are_none_are_shown_with_the_reason(self, places):
        alert = one(places=places)
        assert [part.understood for part in alert.parts] == [False]
        assert alert.parts[0].remarks
        assert alert.parts[0].line == 2


class TestFeeds:
    def test_an_event_that_cannot_be_read_is_left_out_and_said(self):
        broken = item().replace("<pubDate>Mon, 30 Dec 2019", "<pubDate>Some day")
        read = read_file(feed(broken, item()))
        assert len(read.alerts) == 1
        assert "<pubDate> (line 2): It gives no date" in read.remarks[0]

    def test_no_event_that_can_be_read(self):
        with pytest.raises(AlertFileError, match=r"<item> \(line 2\): The element <title>"):
            read_file(feed(item().replace("<title>Something happened</title>", "")))

    def test_more_events_than_anyone_chooses_from(self):
        with pytest.raises(AlertFileError, match=r"<item> \(line 502\): .*more than 500 alerts"):
            read_file(feed(*[item()] * 501))

    def test_an_empty_feed(self):
        with pytest.raises(AlertFileError, match=r"<rss> \(line 1\): This feed holds no entries"):
            read_file(feed())

    def test_a_feed_of_links_says_which_to_open(self):
        entry = "<item><title>Flood in Chad</title><link>https://a.example/1.cap</link></item>"
        with pytest.raises(AlertFileError, match=r"It lists 2: “Flood in Chad” https://a\.example"):
            read_file(feed(entry, entry))

    def test_a_feed_of_links_in_atom(self):
        data = (
            b'<feed xmlns="http://www.w3.org/2005/Atom">\n<entry><title>Flood</title>'
            b'<link href="https://a.example/1.cap"/></entry></feed>'
        )
        with pytest.raises(
            AlertFileError, match=r"<feed> \(line 1\): .*“Flood” https://a\.example"
        ):
            read_file(data)

    def test_alerts_that_a_feed_carries_whole_are_read(self):
        inside = cap().decode().partition("?>")[2]
        data = f"<feed><entry><content>{inside}</content></entry></feed>".encode()
        assert read_file(data).format == FileFormat.CAP
        assert read_file(data).alerts[0].has_shape
