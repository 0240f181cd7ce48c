"""Areas: what is accepted, what is refused and how, and what stays the same on the way round."""

from __future__ import annotations

import hashlib
import json
import math
import re
import time

import numpy as np
import pytest
import shapely
from django.utils import translation

from geography.areas import Area, InvalidArea, SwappedCoordinates
from geography.cells import cell_of, cover
from geography.validation import looks_swapped

NEPAL_BOX = {
    "type": "Polygon",
    "coordinates": [[[80, 26], [88, 26], [88, 30], [80, 30], [80, 26]]],
}
_TURNS = np.linspace(0, 2 * math.pi, 100_001)
MANY_CORNERS = shapely.Polygon(np.column_stack([np.cos(_TURNS), np.sin(_TURNS)]))


def holds(area: Area, latitude: float, longitude: float) -> bool:
    return bool(area.cover.holds(np.array([cell_of(latitude, longitude)]))[0])


@pytest.mark.parametrize(
    ("polygons", "message"),
    [
        ([], "empty"),
        ([shapely.Polygon()], "empty"),
        ([shapely.Polygon([(80, 26), (81, 27), (82, 28)])], "holds nothing"),
        ([shapely.Polygon([(80, 26), (80, 26), (80, 26)])], "holds nothing"),
        ([shapely.Polygon([(80, 26), (80, 91), (89, 30)])], "out of range|swapped"),
        ([shapely.Polygon([(600, 26), (601, 26), (601, 27)])], "out of range"),
        ([shapely.Polygon([(26, 120), (27, 121), (26, 121)])], "swapped"),
        ([MANY_CORNERS], "100002 points"),
    ],
)
def test_what_is_no_area_is_refused_with_a_reason(polygons: list[shapely.Polygon], message: str):
    with pytest.raises(InvalidArea, match=message):
        Area.from_polygons(polygons)


@pytest.mark.parametrize("radius_km", [0, -1, 5_001, math.nan, math.inf])
def test_a_circle_has_a_sensible_radius(radius_km: float):
    with pytest.raises(InvalidArea, match="radius"):
        Area.circle(27.7, 85.3, radius_km)


@pytest.mark.parametrize(
    ("latitude", "longitude", "message"),
    [(95, 200, "out of range"), (139.7, 35.7, "swapped"), (math.nan, 0, "not a number")],
)
def test_a_circle_has_a_centre_on_earth(latitude: float, longitude: float, message: str):
    with pytest.raises(InvalidArea, match=message):
        Area.circle(latitude, longitude, 10)


@pytest.mark.parametrize(
    "data",
    [
        [],
        "text",
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": [None, {"geometry": None}]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]},
        {"type": "Polygon", "coordinates": [[["a", 2], [3, 4], [5, 6], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[None, 2], [3, 4], [5, 6], [1, 2]]]},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Nonsense", "coordinates": [1, 2]},
        {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": 5}},
        {"type": "Polygon", "coordinates": [[[1e400, 2], [3, 4], [5, 6], [1e400, 2]]]},
    ],
)
def test_geojson_that_holds_no_area_is_refused(data: object):
    with pytest.raises(InvalidArea):
        Area.from_geojson(data)  # type: ignore[arg-type]


def test_geojson_of_every_kind_is_read_alike():
    feature = {"type": "Feature", "properties": None, "geometry": NEPAL_BOX}
    collection = {"type": "FeatureCollection", "features": [feature, feature]}
    nested = {"type": "GeometryCollection", "geometries": [NEPAL_BOX]}
    with_height = json.loads(re.sub(r"(2|3)(6|0)\]", r"\1\2, 900.5]", json.dumps(NEPAL_BOX)))
    digests = {
        Area.from_geojson(data).digest
        for data in (NEPAL_BOX, feature, collection, nested, with_height)
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    "area",
    [
        Area.circle(27.7, 85.3, 100),
        Area.circle(-17, 179.9, 300),
        Area.circle(89.5, 10, 500),
        Area.countries(["FJ", "NP"]),
        Area.countries(["US"]),
        Area.countries(["AQ"]),
        Area.from_polygons([shapely.box(-180, -90, 180, 90)]),
    ],
)
def test_an_area_comes_back_from_its_json_equal(area: Area):
    again = Area.from_geojson(json.loads(json.dumps(area.to_geojson())))
    assert again == area
    assert again.digest == area.digest
    assert again.country_codes == area.country_codes
    assert len({area, again}) == 1


def test_the_digest_tells_areas_apart_and_not_their_drawing():
    ring = [(80, 26), (88, 26), (88, 30), (80, 30)]
    one = Area.from_polygons([shapely.Polygon(ring)])
    turned = Area.from_polygons([shapely.Polygon(ring[2:] + ring[:2])])
    backwards = Area.from_polygons([shapely.Polygon(ring[::-1])])
    assert one.digest == turned.digest == backwards.digest
    assert one.digest != Area.from_polygons([shapely.box(80, 26, 88, 30.0001)]).digest
    assert one.digest != Area.from_polygons([shapely.Polygon(ring)], ["NP"]).digest


def test_sizes_are_right():
    circle = Area.circle(27.7, 85.3, 100).square_km
    assert math.pi * 100**2 < circle < math.pi * 100**2 * 1.03
    whole = Area.from_polygons([shapely.box(-180, -90, 180, 90)]).square_km
    assert whole == pytest.approx(510_065_000, rel=1e-3)
    polar = Area.circle(90, 0, 1000).square_km
    assert polar == pytest.approx(math.pi * 1000**2, rel=0.03)
    assert Area.countries(["NP"]).square_km == pytest.approx(147_500, rel=0.03)
    assert Area.countries(["FJ"]).square_km == pytest.approx(18_300, rel=0.05)
    assert Area.countries(["RU"]).square_km == pytest.approx(17_000_000, rel=0.03)


def test_the_antimeridian_is_crossed_however_it_is_written():
    wrapped = shapely.Polygon([(179, -18), (-179, -18), (-179, -16), (179, -16)])
    eastward = shapely.box(179, -18, 181, -16)
    westward = shapely.box(-181, -18, -179, -16)
    areas = [Area.from_polygons([shape]) for shape in (wrapped, eastward, westward)]
    assert len({round(area.square_km, 3) for area in areas}) == 1
    for area in areas:
        assert holds(area, -17, 179.5)
        assert holds(area, -17, -179.5)
        assert not holds(area, -17, 0)
        assert not holds(area, -17, 178)


def test_a_hole_survives_the_antimeridian():
    ring = [(178, -20), (182, -20), (182, -16), (178, -16)]
    hole = [(179.2, -19), (180.8, -19), (180.8, -17), (179.2, -17)]
    area = Area.from_polygons([shapely.Polygon(ring, [hole])])
    assert not holds(area, -18, 180)
    assert not holds(area, -18, -179.5)
    assert holds(area, -18, 178.5)
    assert holds(area, -18, -178.5)


@pytest.mark.parametrize("pole", [90, -90])
@pytest.mark.parametrize("longitude", [0, 85.3, 150, 180, -180, -164])
@pytest.mark.parametrize("radius_km", [1, 20, 3000])
def test_a_circle_around_a_pole_is_a_circle(pole: int, longitude: float, radius_km: int):
    area = Area.circle(pole, longitude, radius_km)
    assert area.square_km == pytest.approx(math.pi * radius_km**2, rel=0.05)
    assert holds(area, pole, longitude)


def test_a_ring_around_a_pole_holds_the_pole():
    ring = [(longitude, 70) for longitude in range(-180, 180, 30)]
    area = Area.from_polygons([shapely.Polygon(ring)])
    assert holds(area, 89.9, 12)
    assert holds(area, 75, 180)
    assert not holds(area, 69, 100)
    south = Area.from_polygons([shapely.Polygon([(x, -70) for x, _ in ring])])
    assert holds(south, -89.9, 12)
    assert not holds(south, 89.9, 12)


def test_a_band_round_the_earth_is_no_pole():
    band = Area.from_polygons([shapely.box(-180, -10, 180, 10)])
    assert band.bounds == (-180, -10, 180, 10)
    assert holds(band, 0, 179.999)
    assert holds(band, 5, -100)
    assert not holds(band, 40, 0)


def test_a_bow_tie_is_repaired():
    area = Area.from_polygons([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])])
    assert area.geometry.is_valid
    assert holds(area, 1, 0.2)
    assert holds(area, 1, 1.8)


def test_a_sliver_and_a_speck_are_covered():
    sliver = Area.from_polygons([shapely.box(80, 27, 86, 27.000001)])
    assert all(holds(area, 27, lon) for area in [sliver] for lon in np.linspace(80, 86, 200))
    speck = Area.from_polygons([shapely.box(85.3, 27.7, 85.3000001, 27.7000001)])
    assert holds(speck, 27.7, 85.3)
    assert speck.cover.exact


def test_whole_and_empty_covers():
    whole = cover(shapely.box(-180, -90, 180, 90))
    assert len(whole.ranges) == 1
    assert whole.exact
    assert cover(shapely.Polygon()).ranges == ()


def test_swapped_coordinates_are_noticed():
    assert looks_swapped(shapely.box(26, 120, 30, 125))
    assert not looks_swapped(shapely.box(120, 26, 125, 30))
    assert not looks_swapped(shapely.Polygon())


def test_a_country_that_is_none_is_refused():
    for codes in (["XX"], ["np"], ["NP", ""], []):
        with pytest.raises(InvalidArea):
            Area.countries(codes)


def test_messages_are_translated_when_asked_for():
    with translation.override("es"), pytest.raises(InvalidArea) as refusal:
        Area.circle(0, 0, 0)
    assert str(refusal.value)


def test_the_middle_of_a_star_is_inside():
    """Gone round twice: people there are not missed."""
    corners = [(math.sin(4 * math.pi * k / 5), math.cos(4 * math.pi * k / 5)) for k in range(5)]
    star = Area.from_polygons([shapely.Polygon(corners)])
    assert holds(star, 0, 0)
    assert shapely.contains_xy(star.geometry, 0, 0)


def test_an_outline_that_crosses_itself_past_repairing_is_refused_in_time():
    corners = np.random.default_rng(1).uniform(-1, 1, (900, 2))
    began = time.process_time()
    with pytest.raises(InvalidArea, match="cross about"):
        Area.from_polygons([shapely.Polygon(corners)])
    assert time.process_time() - began < 2


def test_many_overlapping_circles_are_joined():
    discs = [shapely.Point(x, y).buffer(1.5, quad_segs=4) for x in range(20) for y in range(20)]
    assert holds(Area.from_polygons(discs), 10, 10)


def test_a_hundred_thousand_points_are_covered_in_time():
    turns = np.linspace(0, 2 * math.pi, 99_998, endpoint=False)
    away = 5 + np.sin(400 * turns)
    ring = np.column_stack([10 + away * np.cos(turns), 45 + away * np.sin(turns)])
    began = time.process_time()
    area = Area.from_polygons([shapely.Polygon(ring)])
    assert holds(area, 45, 10)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("box", "inside", "outside"),
    [
        ((-180, -90, 0, 90), (12, -100), (12, 100)),
        ((-180, 0, 180, 90), (89.9, 170), (-12, 100)),
        ((-25, 35, 60, 72), (50, 10), (20, 10)),
    ],
)
def test_a_hemisphere_and_a_continent_are_areas(
    box: tuple[float, float, float, float],
    inside: tuple[float, float],
    outside: tuple[float, float],
):
    area = Area.from_polygons([shapely.box(*box)])
    assert holds(area, *inside)
    assert not holds(area, *outside)


def test_areas_that_touch_at_a_point_stay_two():
    area = Area.from_polygons([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)])
    assert area.geometry.geom_type == "MultiPolygon"
    assert holds(area, 0.5, 0.5)
    assert holds(area, 1.5, 1.5)
    assert not holds(area, 0.2, 1.8)


def test_typed_corners_are_latitude_first():
    area = Area.coordinates([(26, 80), (26, 88), (30, 88), (30, 80)])
    assert area == Area.from_geojson(NEPAL_BOX)
    with pytest.raises(InvalidArea, match="three corners"):
        Area.coordinates([(26, 80), (26, 88)])
    with pytest.raises(SwappedCoordinates):
        Area.coordinates([(120, 26), (121, 26), (121, 27)])


def test_an_area_without_regions_keeps_the_digest_that_was_approved():
    area = Area.from_polygons([shapely.box(80, 26, 88, 30)], ["NP"])
    wkb = shapely.to_wkb(area.geometry, byte_order=1)
    assert area.digest == hashlib.sha256(wkb + b"NP").hexdigest()
    assert area.digest != Area(area.geometry, ("NP",), ("US.TX",)).digest


def test_an_outline_of_a_comb_as_wide_as_an_ocean_is_refused():
    teeth = [corner for i in range(20_000) for corner in ((i / 200, 0), (i / 200 + 0.002, 50))]
    with pytest.raises(InvalidArea, match="far too long"):
        Area.from_polygons([shapely.Polygon([*teeth, (100, -1), (0, -1)])])


def _comb(teeth: int, *, length: float) -> shapely.Polygon:
    across, up = np.linspace(0, 1, 2 * teeth + 1), np.zeros(2 * teeth + 1)
    up[1::2] = length
    return shapely.Polygon([*zip(across, up, strict=True), (1, -0.1), (0, -0.1)])


@pytest.mark.parametrize("turned", [0, 45], ids=["upright", "slanting"])
def test_a_comb_that_would_take_minutes_to_cover_is_refused_at_any_size(turned: int):
    for length in (0.01, 1.0):
        comb = shapely.affinity.rotate(_comb(20_000, length=length), turned)
        with pytest.raises(InvalidArea, match="far too long"):
            Area.from_polygons([comb])


def test_a_comb_as_fine_as_is_taken_gets_a_cover_that_holds_it():
    area = Area.from_polygons([_comb(450, length=6.0)])
    assert not area.fine_cover.exact
    points = shapely.get_coordinates(area.geometry)
    cells = np.array([cell_of(latitude, longitude) for longitude, latitude in points.tolist()])
    assert area.fine_cover.holds(cells).all()
