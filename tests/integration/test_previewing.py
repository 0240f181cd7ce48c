"""A preview says who is reached, who is left out and why, and where, never of a handful where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import h3.api.basic_int as h3
import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit.actors import Actor
from audit.models import Entry
from crises.actions import answer_for, set_area
from crises.density import (
    feature_collection,
    named,
    parent_sql,
    resolution_for,
    shape,
    span,
    widened,
)
from crises.enums import ALL_CLASSES, DEFAULT_CLASSES, AnsweredVia, Choice
from crises.models import AreaDraft
from crises.pieces import circle_piece, country_piece
from crises.previewing import Preview, preview
from crises.views.bars import class_groups
from geography.areas import Area
from geography.cells import cell_of, in_ranges
from registrations.models import Stay
from tests.factories.accounts import make_officer
from tests.factories.crises import (
    KATHMANDU,
    make_crisis,
    make_submitted,
    second_officer,
)
from tests.factories.crisis_pages import signed_in
from tests.factories.places import make_place
from tests.factories.registrations import country_stay, make_person, pin_stay, today
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db

_LATITUDES, _LONGITUDES = st.floats(-89.9, 89.9), st.floats(-180, 180)


def count(classes=DEFAULT_CLASSES, area: Area = KATHMANDU) -> Preview:
    now = timezone.now()
    return preview(area, now, now + timedelta(hours=72), classes)


class TestWhatIsLeftOut:
    def test_each_class_left_out_says_how_many_more_it_would_bring(self):
        make_person()
        make_person(stays=(country_stay(),))
        make_person(stays=(country_stay(), replace(pin_stay(), starts_on=today())))
        old = make_person()
        Stay.objects.filter(person=old).update(confirmed_at=timezone.now() - timedelta(days=500))
        found = count(["inside", "confirmed"])
        assert (found.people, found.left_out) == (2, 2)
        assert found.by_match == {"inside": 2, "somewhere": 1}
        assert found.by_confidence == {"confirmed": 2, "stale": 1}
        with_country = count(["inside", "somewhere", "confirmed"])
        assert with_country.people == found.people + found.by_match["somewhere"]
        with_stale = count(["inside", "confirmed", "stale"])
        assert with_stale.people == found.people + found.by_confidence["stale"]
        assert count(ALL_CLASSES).left_out == 0

    def test_who_would_need_two_more_classes_is_left_out_and_added_by_neither(self):
        make_person(stays=(country_stay(),))
        Stay.objects.update(confirmed_at=timezone.now() - timedelta(days=500))
        found = count(["inside", "confirmed"])
        assert (found.people, found.left_out) == (0, 1)
        assert found.by_match == found.by_confidence == {}


class TestWhere:
    def test_regions_and_countries_of_those_included(self):
        for region in ("01", "01", "02"):
            make_person(stays=(pin_stay(admin1=region),))
        make_person(stays=(pin_stay(country="IN", admin1="36"),))
        found = count()
        assert found.by_country == {"NP": 3, "IN": 1}
        assert found.by_region == {"NP.01": 2, "NP.02": 1, "IN.36": 1}

    def test_a_hexagon_with_four_people_is_as_if_nobody_were_there(self):
        for _number in range(4):
            make_person()
        found = count()
        assert (found.people, found.hexagons, found.not_drawn) == (4, (), 4)
        make_person()
        make_person(stays=(country_stay(),))
        found = count(ALL_CLASSES)
        assert [hexagon.people for hexagon in found.hexagons] == [5]
        assert found.not_drawn == 1

    def test_a_hexagon_is_called_after_its_largest_town(self):
        for number, (name, population) in enumerate({"Patan": 9_000, "Kirtipur": 800}.items()):
            make_place(pk=number + 1, name=name, latitude=27.7, longitude=85.3, country="NP",
                       population=population)  # fmt: skip
        hexagon = h3.cell_to_parent(cell_of(27.7, 85.3), 5)
        lonely = h3.latlng_to_cell(-40.0, -120.0, 5)
        assert [one.town for one in named({hexagon: 7, lonely: 9})] == ["", "Patan"]

    def test_one_person_in_two_places_is_in_one_hexagon(self):
        for _number in range(5):
            make_person(stays=(pin_stay(27.7, 85.3), pin_stay(27.9, 85.5)))
        assert sum(hexagon.people for hexagon in count().hexagons) == 5


class TestHexagons:
    @given(latitude=_LATITUDES, longitude=_LONGITUDES, resolution=st.integers(0, 7))
    def test_sql_finds_the_same_hexagon_as_h3(self, latitude, longitude, resolution):
        cell = cell_of(latitude, longitude)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {parent_sql('%s::bigint', resolution)}", [cell])
            assert cursor.fetchone()[0] == h3.cell_to_parent(cell, resolution)
        low, high = span(h3.cell_to_parent(cell, resolution))
        assert low <= cell <= high

    @given(latitude=_LATITUDES, longitude=_LONGITUDES, resolution=st.integers(0, 7))
    def test_widened_ranges_hold_whole_hexagons_and_no_others(
        self, latitude, longitude, resolution
    ):
        cell = cell_of(latitude, longitude)
        ranges = tuple(widened(((cell, cell),), resolution))
        parent = h3.cell_to_parent(cell, resolution)
        finer = h3.cell_to_children(parent, min(resolution + 1, 7))
        children = [h3.cell_to_center_child(one, 7) for one in finer]
        beside = h3.grid_disk(parent, 1)
        strangers = [h3.cell_to_center_child(other, 7) for other in beside if other != parent]
        assert in_ranges(ranges, np.array(children)).all()
        assert not in_ranges(ranges, np.array(strangers)).any()

    @pytest.mark.parametrize(
        "area",
        [
            Area.circle(27.7, 85.3, 20),
            Area.circle(35.6, 139.7, 150),
            Area.circle(-18, 179.9, 300),
            Area.circle(15, -90, 1200),
            Area.circle(40, -100, 3000),
        ],
    )
    def test_some_50_to_300_hexagons_cover_an_area(self, area):
        size = h3.average_hexagon_area(resolution_for(area), "km^2")
        assert 40 < area.square_km / size < 320

    @given(latitude=_LATITUDES, longitude=_LONGITUDES, resolution=st.integers(1, 7))
    def test_no_outline_runs_round_the_earth(self, latitude, longitude, resolution):
        outline = shape(h3.latlng_to_cell(latitude, longitude, resolution))
        assert outline.is_valid
        for part in getattr(outline, "geoms", [outline]):
            west, _south, east, _north = part.bounds
            assert -180 <= west <= east <= 180
            assert east - west < 180 or abs(latitude) > 60

    def test_what_the_map_draws_has_words_and_a_share(self):
        cells = {h3.latlng_to_cell(-18, 179.99, 4): 20, h3.latlng_to_cell(-17, 178, 4): 5}
        drawn = feature_collection(named(cells))
        assert [one["properties"] for one in drawn["features"]] == [
            {"label": "20 people", "share": 1.0},
            {"label": "5 people", "share": 0.25},
        ]
        least = feature_collection(named(cells), at_least=True)
        assert least["features"][0]["properties"]["label"] == "at least 20 people"


def test_one_statement_counts_it_all_and_another_names_the_hexagons():
    for _number in range(6):
        make_person()
    count(ALL_CLASSES)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        count(ALL_CLASSES)
    counting = [one["sql"] for one in queries if "registrations_stay" in one["sql"]]
    assert len(counting) == 1
    assert len(queries) <= 7  # What the area touches, its towns, the count, the hexagons.


class TestWhoIsNotWrittenTo:
    def test_whoever_answered_is_no_longer_counted_and_the_page_says_why(self):
        people = [make_person() for _number in range(3)]
        crisis = make_crisis()
        answer_for(
            crisis=crisis,
            person_id=people[0].pk,
            choice=Choice.SAFE,
            via=AnsweredVia.LINK,
            by=Actor.traveller(people[0].pk),
        )
        page = signed_in(crisis.opened_by).get(reverse("preview_audience", args=[crisis.pk]))
        found = page.context["preview"]
        assert (found.people, found.by_reason) == (2, {"safe": 1})
        assert "Answered that they are safe" in page.content.decode()

    def test_people_reported_by_others_are_a_class_of_their_own(self):
        make_person()
        make_report()
        crisis = make_crisis()
        page = signed_in(crisis.opened_by).get(reverse("preview_audience", args=[crisis.pk]))
        found = page.context["preview"]
        assert (found.people, found.reported_people) == (1, 1)
        captions = [group["caption"] for group in page.context["class_groups"]]
        assert "Who said that they are there" in captions

    def test_every_class_has_its_figure_and_one_that_was_not_asked_has_none(self):
        make_person()
        now = timezone.now()
        asked = (KATHMANDU, now, now + timedelta(hours=72), DEFAULT_CLASSES)
        for in_full, known in ((True, [1, 0, 0, 0]), (False, [1, 0])):
            places, _freshness = class_groups(preview(*asked, in_full=in_full))
            assert [row["value"] for row in places["rows"]] == known

    def test_while_an_area_is_drawn_who_is_left_out_is_not_asked(self):
        for stays in [(pin_stay(),), (country_stay(),)]:
            make_person(stays=stays)
        now = timezone.now()
        asked = (KATHMANDU, now, now + timedelta(hours=72), DEFAULT_CLASSES)
        full, quick = preview(*asked), preview(*asked, in_full=False)
        assert (full.people, full.left_out) == (1, 1)
        assert (quick.people, quick.left_out) == (1, None)
        assert quick.by_match == {"inside": 1}


class TestExercises:
    """Anybody may invent one, so that it tells no more than a count outside a crisis does."""

    def test_the_page_counts_calmly(self):
        crisis = make_crisis(is_drill=True)
        client = signed_in(crisis.opened_by)
        for _number in range(7):
            make_person()
        page = client.get(reverse("preview_audience", args=[crisis.pk]))
        assert page.context["preview"].people == 5
        assert page.context["class_groups"] == page.context["audience_groups"] == []
        assert Entry.objects.get(action="audience.count").purpose == "exercise"
        assert not Entry.objects.filter(action="audience.preview").exists()

    def test_asking_for_approval_tells_no_more(self):
        for _number in range(7):
            make_person()
        crisis = make_crisis(is_drill=True)
        notice = make_submitted(crisis)
        assert (notice.previewed_people, notice.previewed_count) == (5, 7)
        page = signed_in(second_officer(notice)).get(reverse("review_notice", args=[notice.pk]))
        facts = {row["label"]: row.get("value") for row in page.context["facts"]}
        assert facts["People at least"] == "5"
        assert not {"People", "Messages"} & facts.keys()

    def test_that_nobody_is_there_looks_as_if_four_were(self):
        """A refusal to submit would tell."""
        empty = make_submitted(make_crisis(is_drill=True))
        for _number in range(4):
            make_person()
        few = make_submitted(make_crisis(is_drill=True, title="Another exercise"))
        assert (empty.previewed_people, few.previewed_people) == (0, 0)


def test_an_area_changed_since_it_was_counted_is_counted_again_before_it_is_written_to():
    make_person()
    crisis = make_crisis()
    client, url = signed_in(crisis.opened_by), reverse("preview_audience", args=[crisis.pk])
    carried = dict(client.get(url).context["carried"]) | {
        "match_classes": ["inside"],
        "confidences": ["confirmed"],
    }
    wider = Area.circle(27.7, 85.3, 60)
    set_area(crisis=crisis, area=wider, label="Wider", source="circle", by=crisis.opened_by)
    again = client.post(url, carried)
    assert "The area was changed since you counted" in again.content.decode()
    assert again.context["preview"].people == 1
    assert not crisis.notices.exists()
    carried["area"] = dict(again.context["carried"])["area"]
    assert client.post(url, carried).status_code == 302
    assert crisis.notices.get().area.label == "Wider"


class TestCountingADrawing:
    def test_the_fragment_and_the_page_without_a_script(self):
        for _number in range(6):
            make_person()
        officer = make_officer()
        piece = circle_piece(27.7, 85.3, 40)
        draft = AreaDraft.objects.create(made_by=officer, pieces=[piece])
        url = reverse("count_draft", args=[draft.pk])
        fragment = signed_in(officer).get(url)
        assert fragment.context["people"] == 5
        assert "<html" not in fragment.content.decode()
        assert "data-hexagons=" in fragment.content.decode()
        page = signed_in(officer).get(f"{url}?page")
        assert "<html" in page.content.decode()
        assert signed_in(make_officer(post=officer.post)).get(url).status_code == 404

    def test_an_empty_drawing_and_one_elsewhere_say_so(self):
        officer = make_officer()
        empty = AreaDraft.objects.create(made_by=officer, pieces=[])
        tokyo = AreaDraft.objects.create(made_by=officer, pieces=[circle_piece(35.7, 139.7, 10)])
        for draft, words in ((empty, "still empty"), (tokyo, "not in the countries of your post")):
            page = signed_in(officer).get(reverse("count_draft", args=[draft.pk]))
            assert words in page.context["problem"]
        assert not Entry.objects.filter(action__startswith="audience.").exists()

    def test_an_open_crisis_counts_it_in_full(self):
        make_person()
        crisis = make_crisis()
        draft = AreaDraft.objects.create(
            made_by=crisis.opened_by, crisis=crisis, pieces=[circle_piece(27.7, 85.3, 40)]
        )
        page = signed_in(crisis.opened_by).get(reverse("count_draft", args=[draft.pk]))
        assert (page.context["people"], page.context["is_calm"]) == (1, False)

    def test_an_open_crisis_is_no_way_to_count_another_post_s_country(self):
        make_person()
        crisis = make_crisis()
        pieces = [circle_piece(27.7, 85.3, 40), country_piece(["JP"])]
        draft = AreaDraft.objects.create(made_by=crisis.opened_by, crisis=crisis, pieces=pieces)
        page = signed_in(crisis.opened_by).get(reverse("count_draft", args=[draft.pk]))
        assert "only countries of your own post, not Japan" in page.context["problem"]
        assert page.context["people"] == 0
