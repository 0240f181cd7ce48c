"""The ways of typing an area on its page: each adds, takes away, and asks when it is not sure."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crises import actions
from crises.models import AffectedArea, AreaDraft, Crisis
from geography.areas import Area
from geography.cells import cell_of
from geography.models import Place, PlaceName
from tests.factories.accounts import make_coordinator, make_officer, make_post
from tests.factories.crises import make_crisis
from tests.factories.crisis_pages import signed_in
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


def make_towns() -> None:
    """Two more towns, with regions of their own."""
    make_places()
    for pk, name, country, admin1, latitude, longitude in (
        (1282898, "Pokhara", "NP", "04", 28.26689, 83.96851),
        (1252416, "Thimphu", "BT", "20", 27.46609, 89.64191),
    ):
        place = Place.objects.create(
            pk=pk,
            name=name,
            country=country,
            admin1=admin1,
            latitude=latitude,
            longitude=longitude,
            time_zone="Asia/Kathmandu",
            population=200_000,
            cell=cell_of(latitude, longitude),
            radius_m=8000,
        )
        PlaceName.objects.create(
            place=place, folded=name.lower(), country=country, population=200_000
        )


@pytest.fixture
def draft() -> AreaDraft:
    make_towns()
    return actions.start_draft(by=make_officer())  # Nepal and Bhutan


@pytest.fixture
def client(draft: AreaDraft) -> Client:
    return signed_in(draft.made_by)


def add(client: Client, draft: AreaDraft, way: str, operation: str = "add", **typed: object):
    named = {f"{way}-{name.replace('__', '-')}": value for name, value in typed.items()}
    url = reverse("edit_area", args=[draft.pk])
    return client.post(url, {"way": way, "operation": operation, **named})


def labels(draft: AreaDraft) -> list[str]:
    draft.refresh_from_db()
    return [piece["label"] for piece in draft.pieces]


class TestWays:
    def test_a_place(self, client, draft):
        assert add(client, draft, "place", place="Pokhara", radius_km="20").status_code == 302
        assert labels(draft) == ["Pokhara, Nepal, within 20 km"]
        assert draft.pieces[0]["kind"] == "place"

    def test_the_same_twice_is_there_once(self, client, draft):
        for _ in range(2):
            add(client, draft, "place", place="Pokhara", radius_km="20")
        assert len(labels(draft)) == 1

    def test_two_shapes_with_as_many_corners_are_two(self, client, draft):
        for east in (85, 86):
            points = f"27 N {east} E\n27 N {east}.5 E\n27.5 N {east}.5 E\n27.5 N {east} E"
            for _ in range(2):
                add(client, draft, "coordinates", points=points)
        assert labels(draft) == ["A shape with 4 corners"] * 2

    def test_a_region_by_its_town(self, client, draft):
        assert add(client, draft, "region", place="Pokhara").status_code == 302
        code = draft_codes(draft)[0]
        assert labels(draft) == [f"The whole region of Pokhara ({code})"]
        page = client.get(reverse("edit_area", args=[draft.pk])).content.decode()
        assert "Its largest towns: Pokhara" in page

    def test_countries(self, client, draft):
        add(client, draft, "countries", own=["NP", "BT"])
        draft.refresh_from_db()
        assert draft.area == Area.countries(["BT", "NP"])

    def test_a_neighbour_is_taken_away_and_not_added(self, client, draft):
        add(client, draft, "place", place="Kathmandu", radius_km="150")
        refused = add(client, draft, "countries", other=["IN"])
        assert refused.status_code == 422
        assert "does not answer for India" in refused.content.decode()
        assert add(client, draft, "countries", "subtract", other=["IN"]).status_code == 302
        draft.refresh_from_db()
        assert [piece["operation"] for piece in draft.pieces] == ["add", "subtract"]

    def test_a_rectangle(self, client, draft):
        edges = {"south": "27", "north": "28°30'", "west": "84", "east": "86 E"}
        assert add(client, draft, "rectangle", **edges).status_code == 302
        draft.refresh_from_db()
        assert draft.area.bounds == (84, 27, 86, 28.5)
        upside_down = add(client, draft, "rectangle", **(edges | {"south": "29"}))
        assert "north of the southern" in upside_down.content.decode()

    def test_corners(self, client, draft):
        points = "27.5, 85\n\n28 N 85.5 E\n27°30'0\" 86°0'0\""
        assert add(client, draft, "coordinates", points=points).status_code == 302
        draft.refresh_from_db()
        assert draft.area.bounds == (85, 27.5, 86, 28)

    def test_a_line_that_cannot_be_read_is_named(self, client, draft):
        answer = add(client, draft, "coordinates", points="27.5, 85\nhere\n28, 86")
        assert "Line 2" in answer.content.decode()
        assert "27.5, 85\nhere" in answer.content.decode()
        assert (
            "Two points" in add(client, draft, "coordinates", points="1, 2\n3, 4").content.decode()
        )
        assert "radius" in add(client, draft, "coordinates", points="1, 2").content.decode()
        assert not labels(draft)

    def test_pieces_are_removed(self, client, draft):
        add(client, draft, "place", place="Pokhara", radius_km="20")
        draft.refresh_from_db()
        asked = {"way": "remove", "piece": draft.pieces[0]["id"]}
        for _ in range(2):
            assert client.post(reverse("edit_area", args=[draft.pk]), asked).status_code == 302
        assert not labels(draft)


class TestTheWrongOrder:
    def test_beyond_90_degrees_is_noticed_and_offered_the_other_way_round(self, client, draft):
        answer = add(client, draft, "coordinates", points="127, 37.5", radius_km="20")
        assert "Read them the other way round" in answer.content.decode()
        assert "right as typed" not in answer.content.decode()
        add(client, draft, "coordinates", points="127, 37.5", radius_km="20", order="exchanged")
        draft.refresh_from_db()
        assert (draft.pieces[0]["latitude"], draft.pieces[0]["longitude"]) == (37.5, 127)

    def test_outside_one_s_countries_it_is_asked(self, client, draft):
        typed = {"points": "85.3, 27.7", "radius_km": "20"}
        page = add(client, draft, "coordinates", **typed).content.decode()
        assert "right as typed" in page
        assert "Nepal" in page
        add(client, draft, "coordinates", "subtract", **typed, order="typed")
        assert not labels(draft)  # Nothing is there to take away from.
        add(client, draft, "coordinates", **typed, order="typed")
        assert AreaDraft.objects.get().pieces[0]["latitude"] == 85.3

    def test_letters_leave_no_doubt(self, client, draft):
        add(client, draft, "coordinates", points="85.3 E, 27.7 N", radius_km="20")
        assert AreaDraft.objects.get().pieces[0]["latitude"] == 27.7


class TestSeveralPlaces:
    def test_each_with_its_own_or_the_common_radius(self, client, draft):
        typed = "Pokhara, 20 km\n\nKathmandu, Nepal\n  Thimphu 7,5"
        assert add(client, draft, "places", places=typed, radius_km="50").status_code == 302
        assert [piece["radius_km"] for piece in AreaDraft.objects.get().pieces] == [20, 50, 7.5]

    def test_what_is_not_clear_is_asked_and_the_rest_is_kept(self, client, draft):
        answer = add(client, draft, "places", places="Pokhara\nXqzzyv 30", radius_km="50")
        assert answer.status_code == 422
        assert labels(draft) == ["Pokhara, Nepal, within 50 km"]
        page = answer.content.decode()
        assert "“Xqzzyv”" in page
        assert "Xqzzyv 30</textarea>" in page

    def test_one_of_several_is_chosen(self, draft):
        coordinator = make_coordinator()
        mine = actions.start_draft(by=coordinator)
        client = signed_in(coordinator)
        page = add(client, mine, "places", places="Paris\nPokhara", radius_km="50")
        form = page.context["ways"]["places"]
        (question,) = form.questions()
        choices = dict(question.field.choices)
        texas = next(pk for pk, label in choices.items() if "United States" in str(label))
        assert "none" in choices
        name = question.name.replace("-", "__")
        add(client, mine, "places", places="Paris", radius_km="50", **{name: texas})
        assert labels(mine)[1] == "Paris, United States, within 50 km"
        add(client, mine, "places", places="Paris", radius_km="50", **{name: "none"})
        assert len(labels(mine)) == 2

    def test_coordinates_are_sent_to_their_own_form(self, client, draft):
        page = add(client, draft, "places", places="27.7, 85.3", radius_km="5").content.decode()
        assert "Coordinates have a form of their own" in page


class TestUsing:
    def use(self, client: Client, draft: AreaDraft, **changes: object):
        draft.refresh_from_db()
        typed = {"way": "use", "title": "Flood", "label": "Pokhara", "version": draft.version}
        return client.post(reverse("edit_area", args=[draft.pk]), typed | changes)

    def test_opens_the_crisis(self, client, draft):
        add(client, draft, "place", place="Pokhara", radius_km="20")
        assert not Crisis.objects.exists()
        for _ in range(2):  # A second click opens no second crisis.
            assert self.use(client, draft).status_code == 302
        crisis = Crisis.objects.get()
        assert (crisis.title, crisis.countries) == ("Flood", ["NP"])

    def test_a_tab_left_open_opens_no_second_crisis_under_another_name(self, client, draft):
        add(client, draft, "place", place="Pokhara", radius_km="20")
        for title in ("Flood", "Flood in Pokhara"):
            assert self.use(client, draft, title=title).status_code == 302
        crisis = Crisis.objects.get()
        assert (crisis.title, crisis.areas.count()) == ("Flood", 1)
        actions.close_crisis(crisis=crisis, by=draft.made_by)
        assert "This crisis is closed" in self.use(client, draft).content.decode()

    def test_moves_the_crisis_it_was_begun_for(self, client, draft):
        crisis = make_crisis(draft.made_by)
        url = f"{reverse('start_draft')}?crisis={crisis.pk}"
        started = client.post(url, {"from": "present", "place": "Pokhara", "radius_km": "20"})
        mine = AreaDraft.objects.get(crisis=crisis)
        assert started["Location"] == reverse("edit_area", args=[mine.pk])
        assert len(mine.pieces) == 2
        assert crisis.areas.count() == 1
        assert self.use(client, mine).status_code == 302
        assert crisis.areas.count() == 2
        assert crisis.areas.latest("created_at").label == "Pokhara"

    def test_an_area_changed_elsewhere_is_looked_at_first(self, client, draft):
        add(client, draft, "place", place="Pokhara", radius_km="20")
        seen = AreaDraft.objects.get().version
        add(client, draft, "place", place="Kathmandu", radius_km="20")
        answer = self.use(client, draft, version=seen)
        assert "another tab" in answer.content.decode()
        assert 'value="Flood"' in answer.content.decode()
        assert not Crisis.objects.exists()

    def test_outside_one_s_countries_says_whom_to_ask_and_keeps_what_was_typed(self, client, draft):
        make_post(
            name="Embassy in Tokyo", city="Tokyo", country="JP", jurisdiction=["JP"],
            telephone_24h="+81335811111",
        )  # fmt: skip
        page = add(client, draft, "coordinates", points="35.68 N 139.69 E", radius_km="30")
        page = client.get(reverse("edit_area", args=[draft.pk])).content.decode()
        assert "Embassy in Tokyo (+81335811111)" in page
        answer = self.use(client, draft, title="Quake").content.decode()
        assert "not in the countries of your post" in answer
        assert "coordinators in the capital" in answer
        assert 'value="Quake"' in answer
        assert not AffectedArea.objects.exists()


def test_another_s_crisis_is_not_there(client, draft):
    other = make_officer(post=make_post(name="Tokyo", city="Tokyo", jurisdiction=["JP"]))
    crisis = make_crisis(other, area=Area.circle(35.68, 139.69, 20))
    for asked in (crisis.pk, "nothing", "\x00"):
        assert client.post(f"{reverse('start_draft')}?crisis={asked}").status_code == 404
    assert client.get(reverse("start_draft")).status_code == 302


def test_what_a_quick_form_holds_is_taken_along(client, draft):
    typed = {"title": "Flood", "is_drill": "on", "place": "Pokhara", "radius_km": "20"}
    client.post(reverse("start_draft"), typed)
    mine = AreaDraft.objects.exclude(pk=draft.pk).get()
    assert (mine.title, mine.is_drill, labels(mine)) == (
        "Flood", True, ["Pokhara, Nepal, within 20 km"],
    )  # fmt: skip


def test_one_region_opens_at_once(client, draft):
    typed = {"title": "Flood", "place": "Pokhara", "whole_region": "on"}
    assert client.post(reverse("open_crisis"), typed).status_code == 302
    area = AffectedArea.objects.get()
    assert area.source == "region"
    assert area.area.region_codes


def draft_codes(draft: AreaDraft) -> list[str]:
    draft.refresh_from_db()
    codes: list[str] = draft.pieces[0]["region_codes"]
    return codes
