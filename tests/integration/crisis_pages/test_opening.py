"""The crisis room's pages: who may open each, what bad input meets, how notices are written."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crises.alert_files import MAX_BYTES, read_file
from crises.models import AlertImport, Crisis, Notice
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.crises import TEXTS, make_notice, make_people
from tests.factories.crisis_pages import (
    BYSTANDERS,
    CRISIS_BUTTONS,
    CRISIS_PAGES,
    IMPORT_PAGES,
    NOTICE_BUTTONS,
    NOTICE_PAGES,
    OPEN_PAGES,
    POINT,
    signed_in,
    state_of,
)

pytestmark = pytest.mark.django_db


class TestWhoMayOpenWhat:
    def test_the_table_names_every_page(self, urls):
        from crises.urls import urlpatterns

        assert {pattern.name for pattern in urlpatterns} == set(urls)

    def test_a_stranger_is_asked_to_sign_in(self, urls, notice):
        client = Client()
        for name, url in urls.items():
            for method in (client.get, client.post):
                response = method(url)
                assert response.status_code == 302, name
                assert response["Location"].startswith(reverse("account_login")), name
        assert state_of(notice) == ("submitted", "open")

    @pytest.mark.parametrize("role", BYSTANDERS)
    def test_other_roles_open_nothing(self, role, urls, notice):
        client = signed_in(make_user(role))
        for name, url in urls.items():
            for method in (client.get, client.post):
                assert method(url).status_code == 403, name
        assert state_of(notice) == ("submitted", "open")

    def test_an_officer_of_another_post_finds_nothing_of_this_crisis(self, urls, notice):
        client = signed_in(make_officer(post=make_post(jurisdiction=["JP"], city="Tokyo")))
        for name, url in urls.items():
            if name in OPEN_PAGES:
                assert client.get(url).status_code in (200, 302), name
                continue
            assert client.post(url, {"reason": "silent"}).status_code in (404, 405), name
            assert client.get(url).status_code in (404, 405), name
        assert notice.crisis.title not in client.get(urls["list_crises"]).content.decode()
        assert state_of(notice) == ("submitted", "open")

    def test_an_officer_of_the_post_and_a_coordinator_open_every_page(self, urls, notice):
        colleague = make_officer(post=notice.author.post)
        for user in (notice.author, colleague, make_coordinator()):
            client = signed_in(user)
            for name in (*OPEN_PAGES, *CRISIS_PAGES, *NOTICE_PAGES, "show_area", "read_person"):
                assert client.get(urls[name]).status_code in (200, 302), name

    def test_a_file_is_its_reader_s_alone(self, urls, notice):
        for user in (make_officer(post=notice.author.post), make_coordinator()):
            for name in IMPORT_PAGES:
                assert signed_in(user).get(urls[name]).status_code == 404
        for name in IMPORT_PAGES:
            assert signed_in(notice.author).get(urls[name]).status_code == 200

    def test_following_links_changes_nothing(self, urls, notice):
        before = Notice.objects.filter(pk=notice.pk).values().get()
        for user in (notice.author, make_coordinator()):
            client = signed_in(user)
            for name, url in urls.items():
                response = client.get(url)
                if name in (*NOTICE_BUTTONS, *CRISIS_BUTTONS):
                    assert response.status_code == 405, name
        assert Notice.objects.filter(pk=notice.pk).values().get() == before
        assert state_of(notice) == ("submitted", "open")

    def test_every_form_is_guarded_against_forgery(self, urls, notice):
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_coordinator())
        for name, url in urls.items():
            assert client.post(url, {"reason": "because"}).status_code in (403, 405), name
        assert state_of(notice) == ("submitted", "open")

    def test_what_does_not_exist(self, notice):
        client = signed_in(notice.author)
        for name in (*CRISIS_PAGES, *NOTICE_PAGES, "show_area", "review_import"):
            assert client.get(reverse(name, args=[uuid.uuid4()])).status_code == 404
        assert client.get("/crises/not-a-uuid/").status_code == 404

    def test_no_page_of_the_room_stays_in_a_cache(self, urls, notice):
        client = signed_in(notice.author)
        for name in ("list_crises", "preview_audience", "review_notice", "watch_notice"):
            assert "no-store" in client.get(urls[name])["Cache-Control"], name


class TestBadInput:
    @pytest.fixture
    def client(self, notice: Notice) -> Client:
        return signed_in(notice.author)

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("0001-01-01T00:00", "0001-01-02T00:00"),
            ("9999-12-30T00:00", "9999-12-31T23:59"),
            ("2026-02-30T00:00", "2026-03-01T00:00"),
            ("now", "then"),
            ("\x00", "\x00"),
            ("2026-03-02T00:00", "2026-03-01T00:00"),
            ("", ""),
        ],
    )
    def test_days_that_cannot_be(self, client, urls, start, end):
        asked = {
            "window_start": start,
            "window_end": end,
            "match_classes": ["inside"],
            "confidences": ["confirmed"],
        }
        for method in (client.get, client.post):
            response = method(urls["preview_audience"], asked)
            assert response.status_code == 200
            assert response.context["form"].errors

    def test_classes_that_we_do_not_know(self, client, urls):
        asked = {
            "window_start": "2026-03-01T00:00",
            "window_end": "2026-03-02T00:00",
            "match_classes": ["everybody"],
            "confidences": ["\x00"],
        }
        response = client.get(urls["preview_audience"], asked)
        assert {"match_classes", "confidences"} <= set(response.context["form"].errors)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"place": "Xqzzyv"}, "place"),
            ({"place": "\x00"}, "place"),
            ({"place": "x" * 10_000}, "place"),
            ({"place": "", "latitude": "91", "longitude": "0"}, "latitude"),
            ({"place": "", "latitude": "NaN", "longitude": "0"}, "latitude"),
            ({"place": "", "latitude": "27.7", "longitude": ""}, "longitude"),
            (
                {"place": "", "latitude": "27.7", "longitude": "85.3", "radius_km": "inf"},
                "radius_km",
            ),
            ({"place": "", "latitude": "27.7", "longitude": "85.3", "radius_km": "0"}, "radius_km"),
            ({"place": "", "latitude": "27.7", "longitude": "85.3", "radius_km": ""}, "radius_km"),
            ({"place": "", "countries": ["XX"]}, "countries"),
            ({"place": "", "countries": ["JP"]}, "countries"),
            ({"place": ""}, "place"),
            ({"title": ""}, "title"),
            ({"title": "a\x00b"}, "title"),
            ({"title": "x" * 121}, "title"),
        ],
    )
    def test_an_area_that_cannot_be(self, client, changes, field):
        typed: dict[str, Any] = {"title": "Flood", "place": "", "radius_km": "20"}
        if field == "title":
            typed |= POINT
        typed |= changes
        before = Crisis.objects.count()
        response = client.post(reverse("open_crisis"), typed)
        assert response.status_code == 200
        form = response.context["form"]
        assert field in form.errors
        assert form.data.get("title") == typed["title"]
        assert Crisis.objects.count() == before

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\x01\x02",
            b"not xml",
            b"<alert",
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx">]><alert>&x;</alert>',
            b"<alert>" + b" " * (2 * 1024 * 1024 + 1) + b"</alert>",
        ],
        ids=["empty", "binary", "text", "cut", "entity", "large"],
    )
    def test_a_file_that_cannot_be_read(self, client, content):
        response = client.post(
            reverse("import_alert"), {"alert_file": SimpleUploadedFile("a.cap", content)}
        )
        assert response.status_code == 422
        assert response.context["file_form"].errors["alert_file"]
        assert not AlertImport.objects.exists()

    def test_no_file_at_all(self, client):
        response = client.post(reverse("import_alert"), {"alert_file": "words"})
        assert response.context["file_form"].errors["alert_file"]

    def test_of_a_large_file_only_what_shows_its_size_is_read(self, client, monkeypatch):
        lengths: list[int] = []

        def noting(data: bytes, *, name: str) -> Any:
            lengths.append(len(data))
            return read_file(data, name=name)

        monkeypatch.setattr("crises.views.imports.read_file", noting)
        large = SimpleUploadedFile("a.cap", b"<alert>" + b"x" * (MAX_BYTES + 1024))
        response = client.post(reverse("import_alert"), {"alert_file": large})
        assert "6 MB" in str(response.context["file_form"].errors["alert_file"])
        assert lengths == [MAX_BYTES + 1]

    def test_a_reason_is_asked_for_and_one_of_zeros_refused(self, urls, notice):
        client = signed_in(make_officer(post=notice.author.post))
        for reason in ("", "   ", "\x00", "x" * 1001):
            response = client.post(urls["return_notice"], {"reason": reason})
            assert response.status_code == 422
            assert "reason" in response.context["form"].errors
        assert state_of(notice) == ("submitted", "open")


class TestWriting:
    @pytest.fixture
    def draft(self) -> Notice:
        make_people(1)
        return make_notice()

    def words(self, **changes: str) -> dict[str, str]:
        return {
            "urgency": "Immediate",
            "severity": "Severe",
            "certainty": "Observed",
            "expires_at": f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}",
            **{f"en-{name}": text for name, text in TEXTS["en"].items()},
        } | changes

    @pytest.mark.parametrize(
        "changes",
        [
            {"expires_at": "9999-12-31T23:59"},
            {"expires_at": "2001-01-01T00:00"},
            {"expires_at": "soon"},
            {"urgency": "Very"},
            {"en-body": ""},
            {"en-body": "a\x00b"},
            {"en-subject": "x" * 91},
            {"en-body": "See {secret}"},
            {"en-body": "{", "es-subject": "Solo el asunto"},
        ],
    )
    def test_bad_words_are_marked_and_kept(self, draft, changes):
        client = signed_in(draft.author)
        typed = self.words(**changes)
        response = client.post(reverse("write_notice", args=[draft.pk]), typed)
        assert response.status_code == 422
        assert response.context["has_errors"]
        kept = {
            block["form"].add_prefix(name): block["form"][name].value()
            for block in response.context["blocks"]
            for name in ("subject", "body", "sms")
        }
        assert {name: kept[name] for name in typed if name in kept} == {
            name: text for name, text in typed.items() if name in kept
        }

    def test_what_was_typed_too_late_is_shown_again(self, notice):
        typed = self.words(**{"en-body": "A last thought."})
        response = signed_in(notice.author).post(reverse("write_notice", args=[notice.pk]), typed)
        assert response.status_code == 422
        assert "A last thought." in response.content.decode()

    def test_a_colleague_may_look_and_not_write(self, draft):
        client = signed_in(make_officer(post=draft.author.post))
        typed = self.words(**{"en-body": "Mine."})
        response = client.post(reverse("write_notice", args=[draft.pk]), typed)
        assert response.status_code == 422
        assert "Only its author" in response.content.decode()
