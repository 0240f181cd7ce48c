"""Real XML alerts, mutilated: each is read, or refused in words that name an element or a line."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crises.alert_files import AlertFileError, ReadFile, read_file
from tests.factories.alerts import FACTS, REAL, SQUARE, cap
from tests.unit.test_edxl_files import carrying, edxl

_GDACS = (REAL / "gdacs-rss-24h.xml").read_bytes()


def _short_feed() -> bytes:
    """A drought, an earthquake and a cyclone: a whole feed takes too long to mutilate often."""
    head, *items = re.split(rb"(?=<item>)", _GDACS)
    return head + items[0] + items[11] + items[12] + b"</channel></rss>"


_AREA = (
    f"<area><areaDesc>Coast</areaDesc><polygon>{SQUARE}</polygon><circle>10,20 5</circle>"
    "<geocode><valueName>ISO3166-1</valueName><value>PH</value></geocode>"
    "<altitude>1</altitude></area>"
)
_FULL = cap(
    info=f"<info>{FACTS}{_AREA}</info><info>{FACTS.replace('en-US', 'es')}{_AREA}</info>",
    extra="<references>a,b,2024-01-01T00:00:00Z</references>",
    replace=("Alert<", "Update<"),
)
FILES = {
    "mexico": (REAL / "mexico.xml").read_bytes(),
    "ph": (REAL / "ph.cap").read_bytes(),
    "tsunami": (REAL / "wcatwc-warning.cap").read_bytes(),
    "several infos": _FULL,
    "edxl": edxl(carrying(_FULL), target=f"<polygon>{SQUARE}</polygon><country>US</country>"),
    "gdacs": _short_feed(),
}
_TAG = re.compile(rb"<([A-Za-z:]+)[^<>]*>([^<>]*)</\1>|<[^<>]*>")
_VALUES = st.one_of(
    st.sampled_from([
        b"", b" ", b"0", b"-1", b"nan", b"inf", b"-inf", b"1e999", b"1e-999", b"9" * 400, b"null",
        b"0,0 0,0 0,0", b"90,180 90,-180 -90,-180", b"10,20 5", b"1,1 99999999", b"&#0;",
        b"&#xD800;", b"&lol;", b"<a/>", b"</a>", b"<!-- -->", b"<![CDATA[1,1]]>", b"<?x?>", b"]]>",
        b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbf\xbf", b"0001-01-01T00:00:00+23:59",
        b"9999-12-31T23:59:59-23:59", b"Mon, 99 Foo 2019 25:61:61 GMT", b"-22 181 -91 91",
        "١٢,٣٤ ٥".encode(), "\u202eelif".encode(),
    ]),
    st.binary(max_size=12),
    st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass")),
)  # fmt: skip
_WHERE = st.integers(0, 10**6)
_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "double", "swap", "say", "rename", "bytes", "cut"]),
        _WHERE,
        _WHERE,
        _VALUES,
    ),
    min_size=1,
    max_size=4,
)


def mutilated(data: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    """The file with elements dropped, doubled, moved, renamed or refilled, and bytes replaced."""
    for how, first, second, value in changes:
        tags = list(_TAG.finditer(data))
        if not tags:
            return data
        one = tags[first % len(tags)]
        other = tags[second % len(tags)]
        position = first % (len(data) + 1)
        if how == "drop":
            data = data[: one.start()] + data[one.end() :]
        elif how == "double":
            data = data[: one.end()] + one.group() * (1 + second % 3) + data[one.end() :]
        elif how == "swap" and one.end() <= other.start():
            between = data[one.end() : other.start()]
            data = data[: one.start()] + other.group() + between + one.group() + data[other.end() :]
        elif how == "say" and one.group(1):
            data = data[: one.start(2)] + value + data[one.end(2) :]
        elif how == "rename" and one.group(1) and other.group(1):
            renamed = one.group().replace(one.group(1), other.group(1))
            data = data[: one.start()] + renamed + data[one.end() :]
        elif how == "bytes":
            data = data[:position] + value + data[position + second % 9 :]
        elif how == "cut":
            data = data[:position] + data[position + second % 400 :]
    return data


def assert_says_where(message: str) -> None:
    """A line is named, unless the file as a whole is none that has lines."""
    whole = "empty|larger|cannot be read|PDF|picture|compressed|zip"
    assert re.search(r"line \d+", message) or re.search(whole, message), message


def check(data: bytes) -> ReadFile | None:
    """What a page may rely upon, whatever it was given; None where the file was refused."""
    try:
        read = read_file(data)
    except AlertFileError as error:
        assert_says_where(error.message)
        return None
    assert read.alerts
    for alert in read.alerts:
        # PostgreSQL takes neither NUL nor lone surrogates in JSON, and JSON knows no NaN.
        kept = json.dumps(alert.facts(), ensure_ascii=False, allow_nan=False)
        assert "\\u0000" not in kept
        kept.encode()
        assert alert.status
        assert len(alert.warnings) < 70
        for part in alert.parts:
            f"{part.name} {part.remarks}".encode()
            assert "\u202e" not in f"{part.name} {part.remarks}"
            assert part.element.startswith("<")
            assert part.line > 0
            assert part.understood or part.remarks
            for polygon in part.polygons:
                west, south, east, north = polygon.bounds
                assert -180 <= west <= east <= 180
                assert -90 <= south <= north <= 90
                assert polygon.is_valid
        if alert.has_shape:
            assert alert.area().square_km > 0
        else:
            with pytest.raises(AlertFileError):
                alert.area()
    return read


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=_CHANGES)
def test_any_mutilation_is_read_or_refused_in_words(name, changes):
    check(mutilated(FILES[name], changes))


@pytest.mark.parametrize("name", ["ph", "several infos"])
def test_cut_off_at_any_byte_it_is_refused_with_the_line(name):
    data = FILES[name].rstrip()
    for end in range(len(data)):
        with pytest.raises(AlertFileError, match=r"line \d+|empty"):
            read_file(data[:end])


@pytest.mark.parametrize("name", ["mexico", "tsunami", "edxl", "gdacs"])
@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_cut_off_anywhere_it_is_refused_with_the_line(name, share):
    data = FILES[name].rstrip()
    with pytest.raises(AlertFileError, match=r"line \d+|empty"):
        read_file(data[: int(share * len(data))])


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes(data):
    check(data)


def test_the_files_themselves_are_read():
    for data in FILES.values():
        assert check(data)
