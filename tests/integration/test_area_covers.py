"""What an area touches is worked out once, kept for every process, and made anew when it must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import shapely
from django.db.models import QuerySet

from geography import countries, covers
from geography.areas import Area, InvalidArea
from geography.covers import keep, meant_the_other_way, touched_by
from geography.models import AreaCover
from geography.regions import region_choices
from registrations.models import Stay
from tests.factories.places import make_place
from tests.factories.registrations import (
    country_stay,
    make_person,
    make_places,
    pin_stay,
    place_stay,
)

pytestmark = pytest.mark.django_db

KATHMANDU = Area.circle(27.7, 85.32, 30)
Commit = Callable[..., Any]


def in_area(area: Area) -> QuerySet[Any]:
    return Stay.objects.in_area(area)


@pytest.fixture
def kept(django_capture_on_commit_callbacks: Commit) -> Area:
    with django_capture_on_commit_callbacks(execute=True):
        keep(KATHMANDU)
    covers.forget()
    return KATHMANDU


def test_drawing_writes_nothing_and_asking_again_keeps(django_capture_on_commit_callbacks: Commit):
    with django_capture_on_commit_callbacks(execute=True):
        touched_by(KATHMANDU)
    assert not AreaCover.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        touched_by(KATHMANDU)
    assert AreaCover.objects.get().pk == KATHMANDU.digest


def test_an_unchanged_area_costs_one_query(kept: Area, django_assert_num_queries: Any):
    with django_assert_num_queries(1):
        touched_by(kept)
    with django_assert_num_queries(1):
        assert in_area(kept).count() == 0


def test_what_was_kept_is_what_was_worked_out(kept: Area):
    made = covers._work_out(kept, fine=True)
    read = touched_by(kept)
    assert read.cover == made.cover
    assert read.towns == made.towns
    assert read.countries == made.countries == ("NP",)


def test_a_long_border_costs_one_query_and_takes_in_no_cell_that_does_not_touch(
    django_assert_num_queries: Any,
):
    turkey = Area.from_polygons([countries.boundary("TR")])
    assert not turkey.cover.exact
    assert keep(turkey).cover.exact
    make_person(stays=(pin_stay(39.9, 32.9, country="TR"), pin_stay(37.98, 23.73, country="GR")))
    with django_assert_num_queries(1):
        assert [stay.country for stay in in_area(turkey)] == ["TR"]


def test_new_places_make_it_out_of_date(kept: Area):
    assert not touched_by(kept).towns.inside
    make_place(pk=1, name="Asan", latitude=27.705, longitude=85.31, country="NP")
    assert touched_by(kept).towns.inside == (1,)


def test_another_release_makes_it_anew(kept: Area, monkeypatch: pytest.MonkeyPatch):
    AreaCover.objects.update(countries=["XX"])
    assert touched_by(kept).countries == ("XX",)
    covers.forget()
    monkeypatch.setattr(covers, "_version", lambda: "another")
    assert touched_by(kept).countries == ("NP",)


def test_only_so_many_are_kept(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Commit
):
    monkeypatch.setattr(covers, "MOST_KEPT", 2)
    areas = [Area.circle(27.7, 85.3, radius) for radius in (1, 2, 3)]
    for area in areas:
        with django_capture_on_commit_callbacks(execute=True):
            keep(area)
    left = set(AreaCover.objects.values_list("pk", flat=True))
    assert left == {area.digest for area in areas[1:]}


def test_a_region_holds_every_stay_that_names_it():
    places = make_places()
    texas = Area.regions(["US.TX"])
    make_person(
        stays=(
            place_stay(places["Paris US"]),
            pin_stay(31.0, -100.0, country="US", admin1="TX"),
            country_stay("US"),
            place_stay(places["Paris FR"]),
        )
    )
    Stay.objects.filter(precision="country").update(precision="region", admin1="OK")
    found = sorted(in_area(texas).values_list("precision", "admin1", "match"))
    assert found == [
        ("pin", "TX", "inside"),
        ("place", "TX", "inside"),
        ("region", "OK", "somewhere"),
    ]
    again = Area.from_geojson(texas.to_geojson())
    assert again == texas
    assert again.region_codes == ("US.TX",)
    assert covers.countries_touching(texas) == ("US",)
    assert region_choices("US") == [("US.TX", "Paris")]


def test_known_by_a_region_that_it_touches_is_told_from_the_rest_of_the_country():
    make_places()
    make_person(stays=(country_stay("US"),))
    make_person(stays=(country_stay("US"),))
    first, second = Stay.objects.order_by("pk")
    Stay.objects.filter(pk=first.pk).update(precision="region", admin1="TX")
    paris = Area.circle(33.66, -95.55, 20)
    found = dict(in_area(paris).values_list("pk", "match"))
    assert found == {first.pk: "region", second.pk: "somewhere"}


def test_what_is_cut_is_no_longer_named_whole():
    make_places()
    nepal, texas = Area.countries(["NP"]), Area.regions(["US.TX"])
    both = Area.union([nepal, texas])
    assert (both.country_codes, both.region_codes) == (("NP",), ("US.TX",))
    assert both.is_named
    without = both.minus(Area.circle(27.7, 85.3, 10))
    assert (without.country_codes, without.region_codes) == ((), ("US.TX",))
    assert both.minus(texas).country_codes == ("NP",)
    assert both.minus(texas).region_codes == ()
    assert nepal.minus(Area.circle(0, 0, 10)).country_codes == ("NP",)
    assert Area.countries(["US", "NP"]).minus(texas).country_codes == ("NP",)
    with pytest.raises(InvalidArea, match="Nothing is left"):
        texas.minus(Area.countries(["US"]))
    with pytest.raises(InvalidArea, match="not the code of a region"):
        Area.regions(["US.ZZ"])


def test_a_town_beside_a_whole_country_is_not_called_inside():
    places = make_places()
    make_person(stays=(place_stay(places["Paris FR"]), country_stay("NP")))
    area = Area.union([Area.countries(["NP"]), Area.circle(48.85, 2.40, 2)])
    found = sorted(in_area(area).values_list("country", "match"))
    assert found == [("FR", "possibly"), ("NP", "inside")]


def test_latitude_and_longitude_exchanged_are_offered_the_other_way_round():
    make_places()
    typed = Area.from_polygons([shapely.box(27.6, 85.2, 27.8, 85.4)])  # the Arctic Ocean
    meant = meant_the_other_way(typed)
    assert meant == Area.from_polygons([shapely.box(85.2, 27.6, 85.4, 27.8)])
    assert meant_the_other_way(meant) is None
    assert meant_the_other_way(Area.circle(0, -30, 10)) is None
    assert meant_the_other_way(Area.countries(["NP"])) is None
