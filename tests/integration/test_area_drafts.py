"""Areas put together piece by piece: what they make, whose they are, and what two tabs do."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from crises import actions
from crises.drafting import area_of
from crises.models import AreaDraft
from crises.pieces import circle_piece, country_piece, rectangle_piece
from crises.retention_steps import area_drafts
from geography.areas import Area, InvalidArea
from tests.factories.accounts import make_officer
from tests.factories.crisis_pages import signed_in
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db
CIRCLE = {"kind": "circle", "operation": "add", "latitude": 27.7, "longitude": 85.3}


def send(client, draft, pieces, **more: object):
    return client.post(
        reverse("area_pieces", args=[draft.pk]),
        {"pieces": pieces, **more},
        content_type="application/json",
    )


class TestTogether:
    def test_in_their_order(self):
        whole, hole = circle_piece(27.7, 85.3, 40), circle_piece(27.7, 85.3, 10)
        taken = hole | {"operation": "subtract"}
        outer, inner = Area.circle(27.7, 85.3, 40), Area.circle(27.7, 85.3, 10)
        assert area_of([whole, taken]) == outer.minus(inner)
        assert area_of([whole, taken, hole]).square_km == pytest.approx(outer.square_km)

    def test_nothing_is_no_area(self):
        piece = circle_piece(27.7, 85.3, 40)
        for pieces in (
            [],
            [piece | {"operation": "subtract"}],
            [piece, piece | {"operation": "subtract"}],
        ):
            with pytest.raises(InvalidArea):
                area_of(pieces)

    def test_countries_stay_whole(self):
        assert area_of([country_piece(["NP"]), country_piece(["BT"])]) == Area.countries(
            ["BT", "NP"]
        )

    def test_a_rectangle_across_the_180th_meridian_and_one_half_round_the_world(self):
        assert area_of([rectangle_piece(-20, 175, -10, -175)]).square_km == pytest.approx(
            1_190_000, rel=0.02
        )
        assert area_of([rectangle_piece(-10, -100, 10, 100)]).bounds == (-100, -10, 100, 10)


class TestPieces:
    def test_read_and_replaced(self):
        make_places()
        officer = make_officer()
        draft, client = actions.start_draft(by=officer), signed_in(officer)
        empty = client.get(reverse("area_pieces", args=[draft.pk])).json()
        assert (empty["pieces"], empty["area"], empty["problem"]) == ([], None, "")
        answer = send(client, draft, [CIRCLE | {"radius_km": 40}], version=empty["version"])
        assert answer.status_code == 200
        found = answer.json()
        assert found["countries"] == ["Nepal"]
        assert found["square_km"] == pytest.approx(5027, rel=0.02)
        assert found["pieces"][0]["radius_km"] == 40
        assert len(found["pieces"][0]["id"]) == 8
        assert client.get(reverse("area_pieces", args=[draft.pk])).json() == found

    @pytest.mark.parametrize(
        "piece",
        [
            {},
            None,
            CIRCLE,
            CIRCLE | {"radius_km": "40"},
            CIRCLE | {"radius_km": float("1e9")},
            CIRCLE | {"radius_km": float("nan")},
            CIRCLE | {"radius_km": 10**400},
            {"kind": "polygon", "operation": "add", "geometry": {"type": "Polygon"}},
            {
                "kind": "polygon",
                "operation": "add",
                "geometry": {"type": "Polygon", "coordinates": [[1]]},
            },
            {"kind": "country", "operation": "add", "country_codes": ["XX"]},
            {"kind": "region", "operation": "add", "region_codes": ["NP.99"]},
            {"kind": "region", "operation": "add", "region_codes": []},
        ],
    )
    def test_what_makes_no_area_changes_nothing(self, piece):
        officer = make_officer()
        draft = actions.start_draft(by=officer, pieces=[circle_piece(27.7, 85.3, 40)])
        answer = send(signed_in(officer), draft, [piece])
        assert answer.status_code == 422
        assert answer.json()["problem"]
        assert AreaDraft.objects.get().pieces[0]["radius_km"] == 40

    def test_a_label_that_no_database_holds(self):
        make_places()
        officer = make_officer()
        draft = actions.start_draft(by=officer)
        piece = CIRCLE | {"radius_km": 40, "label": "a\x00b\ud800<b>"}
        assert send(signed_in(officer), draft, [piece]).json()["pieces"][0]["label"] == "ab<b>"

    def test_a_scrawl_is_refused_in_time(self):
        officer = make_officer()
        draft = actions.start_draft(by=officer)
        ring = [[(i * 7919) % 179, (i * 104_729) % 89] for i in range(20_000)]
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        piece = {"kind": "polygon", "operation": "add", "label": "x", "geometry": shape}
        started = time.monotonic()
        assert send(signed_in(officer), draft, [piece]).status_code == 422
        assert time.monotonic() - started < 20

    def test_whole_countries_over_and_over_are_refused_in_time(self):
        officer = make_officer()
        draft = actions.start_draft(by=officer)
        codes = ["CA", "US", "CL", "ID", "PH", "BR", "CN", "AU"]
        piece = {"kind": "country", "operation": "add", "country_codes": codes}
        started = time.monotonic()
        answer = send(signed_in(officer), draft, [piece] * 500)
        assert answer.status_code == 422
        assert "more than 150000 points" in answer.json()["problem"]
        assert time.monotonic() - started < 10

    def test_so_are_fine_shapes_added_and_taken_away_by_turns(self):
        officer = make_officer()
        draft = actions.start_draft(by=officer)
        country = {"kind": "country", "operation": "add", "country_codes": ["CA"]}
        hole = CIRCLE | {"operation": "subtract", "radius_km": 40}
        pieces = [country, *[hole, CIRCLE | {"radius_km": 40}] * 249]
        started = time.monotonic()
        answer = send(signed_in(officer), draft, pieces)
        assert answer.status_code == 422
        assert "by turns" in answer.json()["problem"]
        assert time.monotonic() - started < 20
        assert send(signed_in(officer), draft, pieces[:9]).status_code == 200

    def test_too_large(self):
        officer = make_officer()
        draft = actions.start_draft(by=officer)
        answer = send(signed_in(officer), draft, [{"label": "x" * 7_000_000}])
        assert answer.status_code == 413
        assert "too large" in answer.json()["problem"]

    def test_the_second_tab_is_told(self):
        officer = make_officer()
        draft, client = actions.start_draft(by=officer), signed_in(officer)
        seen = draft.version
        assert send(client, draft, [CIRCLE | {"radius_km": 40}], version=seen).status_code == 200
        second = send(client, draft, [CIRCLE | {"radius_km": 5}], version=seen)
        assert second.status_code == 409
        assert second.json()["pieces"][0]["radius_km"] == 40

    def test_nobody_elses(self):
        draft = actions.start_draft(by=make_officer())
        other = signed_in(make_officer(post=draft.made_by.post))
        assert other.get(reverse("edit_area", args=[draft.pk])).status_code == 404
        assert send(other, draft, [CIRCLE | {"radius_km": 40}]).status_code == 404


def test_a_day_after_its_last_change_it_is_erased():
    officer = make_officer()
    old, new = (actions.start_draft(by=officer) for _ in range(2))
    AreaDraft.objects.filter(pk=old.pk).update(changed_at=timezone.now() - timedelta(days=1.1))
    assert next(area_drafts(Actor.system("tests"), timezone.now())) == {"erased_area_drafts": 1}
    assert list(AreaDraft.objects.all()) == [new]
