"""What an alert file said, looked at element by element; nothing is used before it is confirmed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crises import actions
from crises.alert_files import read_alert
from crises.models import AffectedArea, AlertImport, AreaDraft, Crisis
from crises.pieces import circle_piece
from tests.factories.accounts import make_coordinator, make_officer, make_post
from tests.factories.crises import make_crisis
from tests.factories.crisis_pages import ALERTS, signed_in
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    make_places()
    return signed_in(make_coordinator(post=make_post()))


def box(west: float, south: float, name: str) -> dict[str, Any]:
    ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1]]
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def upload(client: Client, data: bytes, name: str = "a.json", crisis: Crisis | None = None):
    url = reverse("import_alert") + (f"?crisis={crisis.pk}" if crisis else "")
    return client.post(url, {"alert_file": SimpleUploadedFile(name, data)}, follow=True)


def newest() -> AlertImport:
    return AlertImport.objects.order_by("-imported_at", "position")[0]


def press(client: Client, way: str, parts: tuple[int, ...] = (0,), **typed: object):
    named = {name.replace("places_", "places-"): value for name, value in typed.items()}
    given = {"way": way, "part": parts, "title": "Flood", "label": "There", **named}
    return client.post(reverse("review_import", args=[newest().pk]), given)


class TestLooking:
    def test_each_element_stands_there_with_its_tick(self, client):
        line = {"type": "Feature", "properties": {"name": "A road"}, "geometry": None}
        page = upload(client, collection(box(85, 27, "West"), box(87, 27, "East"), line))
        text = page.content.decode()
        assert page.status_code == 200
        assert "West" in text
        assert "East" in text
        assert not Crisis.objects.exists()
        assert [bool(part["geojson"]) for part in newest().parts][:2] == [True, True]

    def test_only_what_is_ticked_is_used(self, client):
        upload(client, collection(box(85, 27, "West"), box(87, 27, "East")))
        assert press(client, "use", parts=(1,)).status_code == 302
        assert AffectedArea.objects.get().area.bounds == (87, 27, 88, 28)

    def test_nothing_ticked_opens_nothing_and_keeps_what_was_typed(self, client):
        upload(client, collection(box(85, 27, "West")))
        answer = press(client, "use", parts=(), title="My words")
        assert answer.status_code == 422
        assert 'value="My words"' in answer.content.decode()
        assert not Crisis.objects.exists()

    @pytest.mark.parametrize("way", ["", "show", "swap", "places", "draft", "remove:x", "no such"])
    def test_no_other_button_opens_a_crisis(self, client, way):
        upload(client, collection(box(85, 27, "West")))
        press(client, way)
        assert not Crisis.objects.exists()

    def test_what_the_map_shows(self, client):
        upload(client, collection(box(85, 27, "West"), box(87, 27, "East")))
        press(client, "show", parts=(1,))
        shown = client.get(reverse("show_import_area", args=[newest().pk]))
        assert "no-store" in shown["Cache-Control"]
        assert shown.json()["geometry"]["type"] == "Polygon"
        press(client, "show", parts=())
        assert client.get(reverse("show_import_area", args=[newest().pk])).status_code == 404

    def test_latitude_and_longitude_the_other_way_round_and_back(self, client):
        upload(client, collection(box(27, 65, "Swapped")))
        before = newest().area
        press(client, "swap")
        assert newest().area.bounds == (65, 27, 66, 28)
        press(client, "swap")
        assert newest().area == before

    def test_words_of_the_file_are_words(self, client):
        page = upload(client, collection(box(85, 27, "<script>alert(1)</script>")))
        text = page.content.decode()
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text
        press(client, "draft")
        page = client.get(reverse("edit_area", args=[AreaDraft.objects.get().pk]))
        assert "<script>alert(1)" not in page.content.decode()

    def test_somebody_else_s_is_not_there(self, client):
        upload(client, collection(box(85, 27, "West"), box(87, 27, "East")))
        kept = newest()
        stranger = signed_in(make_officer())
        for name, pk in (("review_import", kept.pk), ("choose_alert", kept.file)):
            assert stranger.get(reverse(name, args=[pk])).status_code == 404
        assert stranger.post(reverse("review_import", args=[kept.pk])).status_code == 404


class TestCodes:
    def test_places_typed_in_their_stead_make_the_area(self, client):
        page = upload(client, (ALERTS / "wcatwc-warning.cap").read_bytes(), "a.cap")
        text = page.content.decode()
        assert "UGC AKZ185" in text
        assert "No list of such codes is held here" in text
        answer = press(client, "places", places_places="Suva, 20\nXqzzyv", places_radius_km="50")
        assert answer.status_code == 422
        assert "“Xqzzyv”" in answer.content.decode()
        assert [piece["label"] for piece in newest().typed] == ["Suva, Fiji, within 20 km"]
        press(client, "places", places_places="Suva, 20", places_radius_km="50")
        assert len(newest().typed) == 1
        assert press(client, "use", confirm_expired="on").status_code == 302
        assert Crisis.objects.get().countries == ["FJ"]

    def test_two_towns_of_one_name_are_two(self, client):
        upload(client, (ALERTS / "wcatwc-warning.cap").read_bytes(), "a.cap")
        towns = [circle_piece(at, 85, 50, label="San José, within 50 km") for at in (27, 28)]
        for pieces in (towns[:1], towns, towns[1:]):
            actions.type_places(imported=newest(), pieces=pieces, by=newest().imported_by)
        assert [piece["latitude"] for piece in newest().typed] == [27, 28]

    def test_a_typed_place_is_removed(self, client):
        upload(client, (ALERTS / "wcatwc-warning.cap").read_bytes(), "a.cap")
        press(client, "places", places_places="Suva", places_radius_km="50")
        press(client, f"remove:{newest().typed[0]['id']}")
        assert not newest().typed


class TestSeveralAlerts:
    def test_one_is_chosen_first(self, client):
        feed = (ALERTS / "gdacs-rss-24h.xml").read_bytes()
        page = upload(client, feed, "feed.rss")
        assert page.redirect_chain[-1][0] == reverse("choose_alert", args=[newest().file])
        assert AlertImport.objects.filter(file=newest().file).count() > 1


class TestForACrisis:
    def test_its_area_is_set_only_when_confirmed(self, client):
        crisis = make_crisis(make_coordinator())
        upload(client, collection(box(85, 27, "West")), crisis=crisis)
        assert crisis.areas.count() == 1
        assert press(client, "use").status_code == 302
        assert crisis.areas.count() == 2
        assert Crisis.objects.count() == 1

    def test_a_bad_file_leaves_it_as_it_was(self, client):
        crisis = make_crisis(make_coordinator())
        page = upload(client, b"<alert>\n<oops></alert>", "a.cap", crisis=crisis)
        assert page.status_code == 422
        assert "line 2" in page.content.decode()
        assert crisis.areas.count() == 1
        assert not AlertImport.objects.exists()

    def test_on_the_map_each_ticked_part_is_a_piece(self, client):
        crisis = make_crisis(make_coordinator())
        upload(client, collection(box(85, 27, "West"), box(87, 27, "East")), crisis=crisis)
        assert press(client, "draft", parts=(0, 1)).status_code == 302
        draft = AreaDraft.objects.get()
        assert draft.crisis == crisis
        assert [piece["label"] for piece in draft.pieces] == ["West", "East"]
        assert draft.alert["status"] == "Actual"

    def test_an_update_finds_the_crisis_of_the_alert_that_it_updates(self, client):
        first = (ALERTS / "mexico.xml").read_bytes()
        alert = read_alert(first)
        by = make_coordinator()
        crisis = make_crisis(by, area=alert.area(), source="file", alert=alert.facts())
        second = first.replace(
            alert.identifier.encode() + b"</identifier>", b"the-next</identifier>", 1
        ).replace(b"<msgType>Alert</msgType>", b"<msgType>Update</msgType>", 1)
        references = f"{alert.sender},{alert.identifier},{alert.sent.isoformat()}"
        second = second.replace(
            b"</scope>", f"</scope><references>{references}</references>".encode(), 1
        )
        text = upload(client, second, "b.cap").content.decode()
        assert "Give that crisis the new area" in text
        assert press(client, f"crisis:{crisis.pk}").status_code == 302
        assert newest().crisis == crisis
        assert crisis.areas.count() == 1
        other = make_crisis(by, title="Another")
        assert press(client, f"crisis:{other.pk}").status_code == 404

    def test_the_same_file_twice_does_no_harm(self, client):
        for _ in range(2):
            upload(client, collection(box(85, 27, "West")))
            assert press(client, "use").status_code == 302
        assert Crisis.objects.count() == 1

    @pytest.mark.parametrize("name", ["mexico.xml", "ph.cap", "west.json"])
    def test_an_alert_used_again_leads_to_the_crisis_it_opened(self, client, name):
        data = collection(box(85, 27, "West"))
        data = (ALERTS / name).read_bytes() if name != "west.json" else data
        upload(client, data, name)
        assert press(client, "use", confirm_expired="on").status_code == 302
        first = Crisis.objects.get()
        text = upload(client, data, name).content.decode()
        assert "from this very alert" in text
        assert reverse("show_crisis", args=[first.pk]) in text
        # By another name, as a second officer would call it; from the list, then from the map.
        again = press(client, "use", title="Another name", confirm_expired="on")
        assert again.status_code == 422
        assert "is open from this alert" in again.content.decode()
        press(client, "draft", title="Another name")
        draft = AreaDraft.objects.get()
        typed = {"way": "use", "title": "Another name", "label": "X", "version": draft.version}
        assert client.post(reverse("edit_area", args=[draft.pk]), typed).status_code == 422
        assert Crisis.objects.get() == first
        typed["is_another"] = "on"
        assert client.post(reverse("edit_area", args=[draft.pk]), typed).status_code == 302
        press(client, "use", title="A third", confirm_expired="on", is_another="on")
        assert Crisis.objects.count() == 3

    def test_an_exercise_from_an_alert_does_not_stand_in_for_the_crisis(self, client):
        alert = read_alert((ALERTS / "mexico.xml").read_bytes())
        facts = alert.facts()
        make_crisis(
            make_coordinator(), area=alert.area(), source="file", alert=facts, is_drill=True
        )
        text = upload(client, (ALERTS / "mexico.xml").read_bytes(), "a.xml").content.decode()
        assert "is_another" not in text
        assert press(client, "use", confirm_expired="on").status_code == 302

    def test_what_was_no_alert_in_earnest_stays_an_exercise_on_the_map(self, client):
        upload(client, (ALERTS / "ph.cap").read_bytes(), "a.cap")
        press(client, "draft")
        draft = AreaDraft.objects.get()
        typed = {"way": "use", "title": "Drill", "label": "At sea", "version": draft.version}
        assert client.post(reverse("edit_area", args=[draft.pk]), typed).status_code == 302
        assert Crisis.objects.get().is_drill


def test_a_closed_crisis_gets_no_file(client):
    crisis = make_crisis(make_coordinator())
    actions.close_crisis(crisis=crisis, by=crisis.opened_by)
    page = upload(client, collection(box(85, 27, "West")), crisis=crisis)
    assert page.status_code == 422
    assert "closed" in page.content.decode()
