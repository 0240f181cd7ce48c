"""The page behind the link: safe to fetch, light, nameless, and it takes every answer once."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from audit import ledger
from audit.models import Entry
from crises import actions, answer_views
from crises.models import Answer, Crisis
from notifications.links import token_for
from notifications.models import Delivery
from tests.factories.crises import make_crisis, make_frozen, make_people, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent():
    """A frozen notice, one of its people, and the address of their page."""
    cache.clear()
    person = make_people(1)[0]
    notice = make_frozen()
    return notice, person, f"/a/{token_of(notice, person)}/"


class TestReading:
    def test_place_time_and_telephone_come_first(self, client, sent):
        notice, _person, address = sent
        page = client.get(f"{address}?language=en").content.decode()
        place = page.index(notice.area.label)
        time = page.index(" UTC (")
        telephone = page.index('href="tel:+97714411223"')
        first_button = page.index('value="safe"')
        assert page.index("<h1>") < place < time < telephone < first_button
        for choice in ("safe", "need_help", "left"):
            assert f'name="choice" value="{choice}"' in page

    def test_fetching_changes_nothing(self, client, sent, django_assert_num_queries):
        _notice, _person, address = sent
        entries = Entry.objects.count()
        for _time in range(3):
            assert client.get(address).status_code == 200
            assert client.head(address).status_code == 200
            assert client.options(address).status_code == 200
        assert Answer.objects.count() == 0
        assert Entry.objects.count() == entries
        # The link, the posts, the answer, its stop, and whether its reader may have it erased.
        with django_assert_num_queries(5):
            client.get(address)

    def test_no_other_method_gets_in(self, client, sent):
        for method in (client.put, client.delete, client.patch):
            assert method(sent[2]).status_code == 405
        assert Answer.objects.count() == 0

    def test_it_sets_no_cookie_and_leaks_no_address(self, client, sent):
        response = client.get(sent[2])
        assert not response.cookies
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "no-store"
        assert "noindex" in response["X-Robots-Tag"]
        assert response["X-Frame-Options"] == "DENY"

    def test_it_names_nobody(self, client, sent):
        client.post(sent[2], {"choice": "need_help", "note": "Room 12", "whereabouts": "Thamel"})
        page = client.get(sent[2]).content.decode()
        for personal in ("Ana Pérez", "person0@example.org", "9841200000", "Room 12", "Thamel"):
            assert personal not in page

    def test_it_needs_no_script_and_is_light(self, client, sent):
        content = client.get(sent[2]).content
        assert b"<script" not in content
        style = (Path(settings.BASE_DIR) / "static" / "css" / "portal.css").read_bytes()
        assert len(content) < 12_000
        assert len(gzip.compress(content)) + len(gzip.compress(style)) < 30_000

    def test_the_language_of_the_notice_unless_another_is_chosen(self, client, sent):
        address = sent[2]
        assert client.get(address)["Content-Language"] == "es"
        assert client.get(f"{address}?language=ar")["Content-Language"] == "ar"
        assert b'dir="rtl"' in client.get(f"{address}?language=ar").content
        assert client.get(f"{address}?language=xx")["Content-Language"] == "es"
        client.cookies["django_language"] = "fr"
        assert client.get(address)["Content-Language"] == "fr"

    def test_the_address_without_its_last_stroke_needs_no_redirect(self, client, sent):
        assert client.get(sent[2].rstrip("/")).status_code == 200

    def test_a_drill_says_so(self, client):
        person = make_people(1)[0]
        notice = make_frozen(make_crisis(is_drill=True))
        page = client.get(f"/a/{token_of(notice, person)}/?language=en").content.decode()
        assert "This is only a test" in page


class TestAnswering:
    def test_one_tap(self, client, sent):
        notice, person, address = sent
        response = client.post(address, {"choice": "safe"})
        assert (response.status_code, response["Location"]) == (302, address)
        answer = Answer.objects.get()
        assert (answer.crisis, answer.person_id, answer.choice) == (
            notice.crisis,
            person.pk,
            "safe",
        )
        page = client.get(f"{address}?language=en").content.decode()
        assert "We have your answer: I am safe" in page

    def test_blocked_cookies_do_not_lose_an_answer(self, sent):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(sent[2], {"choice": "left"}).status_code == 302
        assert Answer.objects.get().choice == "left"

    def test_a_doubled_submit_is_one_answer(self, client, sent):
        for _time in range(3):
            client.post(sent[2], {"choice": "safe"})
        assert Answer.objects.count() == 1
        assert Entry.objects.filter(action="answer.record").count() == 1

    def test_it_can_be_changed_and_the_history_stays(self, client, sent):
        for choice in ("need_help", "safe", "left"):
            client.post(sent[2], {"choice": choice})
        assert list(Answer.objects.order_by("answered_at").values_list("choice", flat=True)) == [
            "need_help",
            "safe",
            "left",
        ]
        assert Answer.objects.current().get().choice == "left"

    def test_safe_after_a_request_for_help_leaves_the_request_open(self, client, sent):
        client.post(sent[2], {"choice": "need_help"})
        asked = Answer.objects.get().answered_at
        client.post(sent[2], {"choice": "safe"})
        assert Answer.objects.current().get().help_asked_at == asked
        assert "You had asked for help" in client.get(f"{sent[2]}?language=en").content.decode()

    def test_a_note_joins_the_answer_and_an_empty_one_takes_nothing_away(self, client, sent):
        client.post(sent[2], {"choice": "need_help"})
        client.post(sent[2], {"choice": "need_help", "note": "Two of us", "whereabouts": "Patan"})
        client.post(sent[2], {"choice": "need_help", "note": "", "whereabouts": ""})
        current = Answer.objects.current().get()
        assert (current.note, current.whereabouts) == ("Two of us", "Patan")
        assert Answer.objects.count() == 2

    def test_an_unknown_choice_is_said_on_the_page(self, client, sent):
        response = client.post(f"{sent[2]}?language=en", {"choice": "fine"})
        assert response.status_code == 422
        assert b"Choose one of the three answers" in response.content
        assert Answer.objects.count() == 0

    def test_safe_and_left_stop_what_is_left_to_send(self, client, sent):
        notice, person, address = sent
        client.post(address, {"choice": "safe"})
        states = Delivery.objects.filter(message=notice.message, subject_id=person.pk)
        assert set(states.values_list("state", flat=True)) == {"cancelled"}

    def test_a_request_for_help_stops_nothing(self, client, sent):
        client.post(sent[2], {"choice": "need_help"})
        assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}

    def test_the_ledger_knows_it_by_the_traveller(self, client, sent):
        _notice, person, address = sent
        client.post(address, {"choice": "safe"})
        entry = ledger.entries_about(person.pk).get(action="answer.record")
        assert entry.actor_kind == "traveller"
        assert entry.details["choice"] == "safe"
        assert str(person.pk) not in f"{entry.actor_id}{entry.object_id}{entry.details}"

    def test_the_same_person_by_mail_and_by_sms_is_one_answer(self, client, sent):
        notice, person, address = sent
        by_sms = Delivery.objects.get(message=notice.message, channel="sms", subject_id=person.pk)
        client.post(address, {"choice": "safe"})
        client.post(f"/a/{token_for(by_sms.pk)}/", {"choice": "left"})
        assert Answer.objects.current().get().choice == "left"

    def test_a_program_with_a_link_is_slowed_down(self, client, sent, monkeypatch):
        monkeypatch.setattr(answer_views, "ANSWERS_PER_HOUR", 3)
        codes = [client.post(sent[2], {"choice": "safe"}).status_code for _time in range(5)]
        assert codes == [302, 302, 302, 429, 429]
        assert b"tel:" in client.post(sent[2], {"choice": "safe"}).content

    def test_without_the_cache_nobody_is_turned_away(self, client, sent, monkeypatch):
        def fail(key, value, timeout):
            raise OSError

        monkeypatch.setattr(answer_views.cache, "add", fail)
        assert client.post(sent[2], {"choice": "safe"}).status_code == 302


class TestLinksThatLeadNowhere:
    @pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 44, "%00", "..", "ü" * 43])
    def test_a_token_that_we_did_not_make(self, client, token):
        for response in (client.get(f"/a/{token}/"), client.post(f"/a/{token}/")):
            assert response.status_code == 404

    def test_one_changed_character(self, client, sent):
        address = sent[2]
        wrong = address[:-3] + ("A" if address[-3] != "A" else "B") + address[-2:]
        assert client.get(wrong).status_code == 404
        assert client.post(wrong, {"choice": "safe"}).status_code == 404
        assert Answer.objects.count() == 0

    def test_two_weeks_after_the_end_it_is_gone_but_for_the_telephone(self, client, sent):
        notice, _person, address = sent
        actions.close_crisis(crisis=notice.crisis, by=notice.author)
        assert client.post(address, {"choice": "left"}).status_code == 302  # within the grace
        Crisis.objects.update(closed_at=timezone.now() - timedelta(days=14, minutes=1))
        response = client.get(address)
        assert response.status_code == 410
        assert b'href="tel:+97714411223"' in response.content
        assert client.post(address, {"choice": "safe"}).status_code == 410
        assert Answer.objects.current().get().choice == "left"
