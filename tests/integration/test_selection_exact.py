"""The reading of an area through the indexes, held against shapely's exact answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geography import covers
from geography.areas import Area
from geography.cells import cell_of
from geography.models import Place
from registrations.models import Stay
from tests.factories.registrations import make_person, pin_stay, place_stay
from tests.random_areas import areas, points_near
from tests.unit.test_cells_exact import circle, meets, outline

pytestmark = pytest.mark.django_db


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    area=areas(),
    seed=st.integers(0, 2**32 - 1),
    radius_m=st.sampled_from([2_000, 9_000, 40_000]),
    is_kept=st.booleans(),
)
def test_nobody_is_missed_and_nobody_taken_whose_cell_or_disc_does_not_touch(
    area: Area, seed: int, radius_m: int, is_kept: bool
):
    Stay.objects.all().delete()
    Place.objects.all().delete()
    covers.forget()
    pins = _plain(points_near(area, seed, 8, away_m=5_000))
    towns = _plain(points_near(area, seed, 6, away_m=1.4 * radius_m))
    if not pins or not towns:
        return
    places = [
        _town(number, longitude, latitude, radius_m)
        for number, (longitude, latitude) in enumerate(towns, start=1)
    ]
    make_person(
        stays=(
            *(pin_stay(latitude, longitude) for longitude, latitude in pins),
            *(place_stay(place) for place in places),
        )
    )
    if is_kept:
        covers.keep(area)
    found: Any = Stay.objects.in_area(area)
    cells = set(found.filter(precision="pin").values_list("cell", flat=True))
    for longitude, latitude in pins:
        cell = cell_of(latitude, longitude)
        if meets(area.geometry, outline(cell)):
            assert cell in cells
        elif cell in cells:
            assert meets(area.geometry, outline(cell, 1.0025))
    matches = dict(found.filter(precision="place").values_list("place_id", "match"))
    for place in places:
        least = circle(place.latitude, place.longitude, radius_m * 0.998 - 2)
        most = circle(place.latitude, place.longitude, radius_m * 1.003 + 5)
        if meets(area.geometry, least):
            assert place.pk in matches
        if not meets(area.geometry, most):
            assert place.pk not in matches
        if shapely.covers(area.sheet, most):
            assert matches[place.pk] == "inside"
        if not shapely.covers(area.sheet, least):
            assert matches.get(place.pk) != "inside"


def _plain(spots: np.ndarray) -> list[list[float]]:
    """Those where the outline of a cell is a hexagon in degrees too: not at a pole."""
    return [spot for spot in spots.tolist() if abs(spot[1]) < 83]


def _town(number: int, longitude: float, latitude: float, radius_m: int) -> Place:
    return Place.objects.create(
        pk=number,
        name=f"Town {number}",
        country="NP",
        admin1="",
        latitude=latitude,
        longitude=longitude,
        time_zone="UTC",
        population=1000,
        cell=cell_of(latitude, longitude),
        radius_m=radius_m,
    )
