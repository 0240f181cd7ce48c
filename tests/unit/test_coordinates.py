"""Coordinates as people write them, and what is no coordinate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geography.coordinates import InvalidCoordinate, read_angle, read_point


@pytest.mark.parametrize(
    "text",
    [
        "14.9, -92.3",
        "14.9 -92.3",
        "14.9,-92.3",
        "14.9;-92.3",
        "14,9; -92,3",
        "14,9, -92,3",
        "14,9 -92,3",
        "(14.9, −92.3)",
        "14.9N 92.3W",
        "14.9°N, 92.3°O",
        "N14.9 W92.3",
        "92.3 W, 14.9 N",
        "W 92.3; N 14.9",
        "14°54'N 92°18'W",
        "14°54′00″N 92°18′00″W",
        "14º54’0”N, 92º18’0”W",
        "14 54 N, 92 18 W",
        "14 54 00, -92 18 00",
        "14 54 -92 18",
        "14°54'0\" -92°18'0\"",
        "14:54:00 N 92:18:00 W",
        "14° 54.0' N 92° 18.0' W",
        "١٤٫٩، -٩٢٫٣",
        "14.9ش 92.3غ",
        "  14.9 ,  -92.3\t",
    ],
)
def test_read(text):
    point = read_point(text)
    assert point.latitude == pytest.approx(14.9)
    assert point.longitude == pytest.approx(-92.3)
    assert not point.is_exchanged


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ",", "14.9", "14.9,", "a, b", "14.9 N", "14.9 N 92.3", "14.9 N 92.3 S",
        "91 N 10 E", "14.9, -92.3, 5", "1 2 3", "14 60 N, 92 18 W", "14.5 30 N, 92 18 W",
        "-14 S, 20 E", "200, 200", "95, 95", "14.9.1, -92.3", "1e5, 2", "nan, nan", "inf, 0",
        "9" * 400, "14°54'30\"", "\0", "N, E",
    ],
)  # fmt: skip
def test_not_read(text):
    with pytest.raises(InvalidCoordinate):
        read_point(text)


def test_the_wrong_order_is_noticed_where_it_can_be():
    point = read_point("-92.3, 14.9")
    assert point.is_exchanged
    assert point.exchanged() == read_point("14.9, -92.3")


def test_one_angle():
    assert read_angle("14,9", latitude=True) == pytest.approx(14.9)
    assert read_angle("92°18'W", latitude=False) == pytest.approx(-92.3)
    for text, latitude in (("91", True), ("14 E", True), ("181", False), ("10 N", False)):
        with pytest.raises(InvalidCoordinate):
            read_angle(text, latitude=latitude)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_point_in_decimal_degrees(latitude, longitude):
    point = read_point(f"{latitude:.6f}, {longitude:.6f}")
    assert point.latitude == pytest.approx(latitude, abs=1e-6)
    assert point.longitude == pytest.approx(longitude, abs=1e-6)


@given(st.text(alphabet="0123456789.,;:°'\"NSEWO+- ١٤شغ", max_size=60))
def test_anything_else_is_a_point_on_earth_or_refused(text):
    try:
        point = read_point(text)
    except InvalidCoordinate:
        return
    point = point.exchanged() if point.is_exchanged else point
    assert abs(point.latitude) <= 90
    assert abs(point.longitude) <= 180
