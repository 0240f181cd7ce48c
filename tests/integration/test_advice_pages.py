"""The public pages of advice: what stands there, in which language, and for whose copy."""

from __future__ import annotations

import datetime as dt
import re
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from advisories.enums import AdviceState, Level
from tests.factories.accounts import make_officer, make_post
from tests.factories.advice import make_advice

pytestmark = pytest.mark.django_db


def read(client: Client, path: str, language: str = "en") -> str:
    page = client.get(path, headers={"Accept-Language": language})
    assert page.status_code == HTTPStatus.OK
    return page.content.decode()


def test_a_page_holds_all_that_a_traveller_needs(client):
    make_post()
    make_advice(numbers={"police": "100", "ambulance": "102", "tourist_police": "1144"})
    page = read(client, reverse("read_advice", args=["NP"]))
    assert "<h1>" in page
    assert "Nepal" in page
    assert "Level 2 of 4" in page
    assert "Take more care than usual" in page
    assert "Mountain roads close in the rain." in page
    assert "The airport road is open." in page
    for number in ("100", "102", "1144", "+97714411223"):
        assert f'href="tel:{number}"' in page
    assert "1 Palace Road" in page
    assert "Passport" in page
    assert f'href="{reverse("enter_name")}?country=NP"' in page


def test_a_page_is_dated(client):
    when = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
    make_advice(published_at=when, checked_on=dt.date(2026, 12, 1))
    page = read(client, reverse("read_advice", args=["NP"]))
    assert "Last changed 22 November 2026; checked on 1 December 2026." in page


def test_a_country_without_a_page_still_has_its_post_and_the_checklist(client):
    make_post(jurisdiction=["NP", "BT"])
    page = read(client, reverse("read_advice", args=["BT"]))
    assert 'href="tel:+97714411223"' in page
    assert "Passport" in page
    assert "?country=BT" in page


def test_a_country_without_a_post_shows_every_post(client):
    make_post(jurisdiction=["NP"])
    make_advice("CL")
    page = read(client, reverse("read_advice", args=["CL"]))
    assert 'href="tel:+97714411223"' in page
    assert "No post of ours answers for this country alone" in page


def test_the_post_in_the_country_comes_first(client):
    make_post(name="Aaa", country="IN", jurisdiction=["NP", "IN"], telephone_24h="+911123456789")
    make_post(name="Zzz", country="NP", jurisdiction=["NP"])
    page = read(client, reverse("read_advice", args=["NP"]))
    assert page.index("Zzz") < page.index("Aaa")


def test_a_language_that_was_not_written_is_named_and_marked(client):
    make_advice()
    page = read(client, reverse("read_advice", args=["NP"]), "ar")
    assert '<html lang="ar" dir="rtl">' in page
    assert '<div lang="en" dir="ltr">' in page
    assert "Mountain roads close" in page
    assert "English" in page[page.index('class="level') : page.index("Mountain roads")]


def test_each_reader_gets_their_language(client):
    make_advice()
    page = read(client, reverse("read_advice", args=["NP"]), "es-MX,es;q=0.9")
    assert "Las carreteras se cierran" in page
    assert "Mountain roads" not in page


@pytest.mark.parametrize("code", ["XX", "ZZ", "QQ"])
def test_what_is_no_country_has_no_page(client, code):
    assert client.get(f"/advice/{code}/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["/advice/NEPAL/", "/advice/N/", "/advice/NP/99999999999999/"])
def test_what_is_no_address_is_not_found(client, path):
    make_advice()
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND


def test_a_code_may_be_typed_in_small_letters(client):
    make_advice()
    assert "Mountain roads" in read(client, "/advice/np/")


def test_a_draft_is_not_public(client):
    make_advice(state=AdviceState.DRAFT, texts={"en": {"summary": "A secret draft."}})
    assert "A secret draft" not in read(client, reverse("read_advice", args=["NP"]))
    assert "Nepal" not in read(client, reverse("list_advice"))
    hidden = client.get(reverse("read_advice_version", args=["NP", 1]))
    assert hidden.status_code == HTTPStatus.NOT_FOUND


def test_an_old_version_says_that_it_is_old(client):
    now = timezone.now()
    make_advice(
        state=AdviceState.SUPERSEDED,
        published_by=make_officer(),
        published_at=now - dt.timedelta(days=9),
        superseded_at=now,
        texts={"en": {"summary": "As it was."}},
    )
    make_advice(version=2)
    old = read(client, reverse("read_advice_version", args=["NP", 1]))
    assert "As it was." in old
    assert "No longer valid" in old
    assert f'href="{reverse("read_advice", args=["NP"])}"' in old
    newest = read(client, reverse("read_advice_version", args=["NP", 2]))
    assert "No longer valid" not in newest


def test_what_officers_type_is_text(client):
    make_advice(texts={"en": {"summary": "<script>alert(1)</script>", "before_leaving": "<b>x"}})
    page = read(client, reverse("read_advice", args=["NP"]))
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "&lt;script&gt;alert" in page


def test_the_list_goes_by_level_then_by_name(client):
    for country, level in (("NP", 2), ("JP", 1), ("YE", 4), ("CL", 1)):
        make_advice(country, level=level)
    page = read(client, reverse("list_advice"))
    names = re.findall(r'<li><a href="/advice/[A-Z]{2}/">([^<]+)</a>', page)
    assert names == ["Yemen", "Nepal", "Chile", "Japan"]
    assert all(str(level.label) in page for level in (Level.DO_NOT_TRAVEL, Level.USUAL_CARE))


def test_names_are_sorted_in_the_language_of_the_page(client):
    for country in ("DE", "ES", "NP"):
        make_advice(country, level=1)
    page = read(client, reverse("list_advice"), "es")
    names = re.findall(r'<li><a href="/advice/[A-Z]{2}/">([^<]+)</a>', page)
    assert names == ["Alemania", "España", "Nepal"]


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("JAPÓN", "es"), ("japon", "es"), ("japan", "es"), ("اليابان", "ar"), ("japa", "fr"),
        (" Japan ", "en"),
    ],
)  # fmt: skip
def test_the_search_needs_neither_accents_nor_scripts(client, typed, language):
    make_advice("JP")
    make_advice("NP")
    page = client.get(
        reverse("list_advice"), {"q": typed}, headers={"Accept-Language": language}
    ).content.decode()
    assert 'href="/advice/JP/"' in page
    assert 'href="/advice/NP/"' not in page


def test_the_search_finds_countries_without_a_page_too(client):
    page = client.get(reverse("list_advice"), {"q": "mongolia"}).content.decode()
    assert 'href="/advice/MN/"' in page


@pytest.mark.parametrize(
    "typed", ["zzzzzz", "<script>alert(1)</script>", "'; DROP TABLE", "😀" * 90]
)
def test_a_search_that_finds_nothing_says_so(client, typed):
    page = client.get(reverse("list_advice"), {"q": typed})
    assert page.status_code == HTTPStatus.OK
    text = page.content.decode()
    assert "<script>alert" not in text


@pytest.mark.parametrize("path", ["/advice/", "/advice/NP/", "/advice/NP/1/", "/advice/BT/"])
def test_one_copy_serves_everybody(client, django_assert_max_num_queries, path):
    make_post()
    make_advice()
    with django_assert_max_num_queries(6):
        page = client.get(path)
    assert "public" in page["Cache-Control"]
    assert {"Accept-Language", "Cookie"} == set(page["Vary"].split(", "))
    assert page.cookies == {}
    assert "csrfmiddlewaretoken" not in page.content.decode()
    again = client.get(path, headers={"If-None-Match": page["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED


def test_an_officer_gets_the_same_copy_as_everybody(client):
    make_post()
    make_advice()
    officer = make_officer(name="Ana Ruiz")
    for_anybody = client.get("/advice/NP/").content
    client.force_login(officer)
    page = client.get("/advice/NP/")
    assert page.content == for_anybody
    assert b"Ana Ruiz" not in page.content


def test_a_link_chooses_the_language_and_the_next_page_keeps_it(client):
    make_advice()
    page = client.get("/advice/NP/?language=ar")
    assert '<html lang="ar" dir="rtl">' in page.content.decode()
    assert page["Content-Language"] == "ar"
    assert "private" in page["Cache-Control"]
    assert '<html lang="ar"' in client.get("/advice/").content.decode()


def test_an_unknown_language_changes_nothing(client):
    make_advice()
    page = client.get("/advice/NP/?language=xx")
    assert '<html lang="en"' in page.content.decode()
    assert page.cookies == {}


def test_a_search_survives_the_change_of_language(client):
    make_advice("JP")
    page = client.get("/advice/", {"q": "japón"}).content.decode()
    assert "/advice/?q=jap%C3%B3n&amp;language=ar" in page


def test_a_long_page_stays_light(client):
    make_post()
    long = "Word by word it grows. " * 250
    names = ("summary", "changed", "safety", "entry", "health", "laws")
    make_advice(texts={"en": dict.fromkeys(names, long)})
    assert len(client.get("/advice/NP/").content) < 60_000


def test_nothing_is_sent_to_the_pages(client):
    assert client.post("/advice/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
