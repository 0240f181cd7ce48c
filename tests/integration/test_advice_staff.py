"""The officers' pages of advice: jurisdiction, both roles, what is typed wrong, what is shown."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from advisories.enums import AdviceState
from advisories.models import Advice
from tests.factories.accounts import make_coordinator, make_officer, make_user
from tests.factories.advice import make_advice, make_author_and_publisher

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(**changes: Any) -> dict[str, Any]:
    given = {
        "seen_digest": "",
        "level": "3",
        "review_on": (timezone.now().date() + dt.timedelta(days=60)).isoformat(),
        "number_police": "100, 112",
        "en-summary": "Roads close in the rain.",
        "es-summary": "Se cierran los caminos.",
    }
    return given | changes


def test_an_officer_writes_and_another_publishes_through_the_pages():
    author, publisher = make_author_and_publisher()
    writing = signed_in(author)
    page = writing.post(reverse("write_advice", args=["NP"]), typed())
    assert page["Location"] == reverse("review_advice", args=["NP"])
    own = writing.get(page["Location"]).content.decode()
    assert "Waiting for another officer" in own
    assert reverse("publish_advice", args=["NP"]) not in own
    reading = signed_in(publisher)
    listed = reading.get(reverse("list_country_advice")).content.decode()
    assert "Waits for another officer" in listed
    review = reading.get(reverse("review_advice", args=["NP"]))
    assert "Publish this page" in review.content.decode()
    done = reading.post(
        reverse("publish_advice", args=["NP"]), {"seen_digest": review.context["seen_digest"]}
    )
    assert done.status_code == HTTPStatus.FOUND
    advice = Advice.objects.published().get()
    assert (advice.level, advice.published_by) == (3, publisher)
    assert [row.number for row in advice.numbers.all()] == ["100", "112"]
    assert "Se cierran los caminos." in Client().get(
        "/advice/NP/", headers={"Accept-Language": "es"}
    ).content.decode()  # fmt: skip


def test_the_author_who_tries_to_publish_is_told_why_not():
    author, colleague = make_author_and_publisher()
    make_advice(published_by=author, written_by=colleague)
    client = signed_in(author)
    client.post(reverse("write_advice", args=["NP"]), typed())
    page = client.post(reverse("publish_advice", args=["NP"]), follow=True)
    assert "another officer must publish it" in page.content.decode()
    assert Advice.objects.published().get().version == 1


def test_a_second_click_is_no_mistake():
    author, publisher = make_author_and_publisher()
    signed_in(author).post(reverse("write_advice", args=["NP"]), typed())
    client = signed_in(publisher)
    client.post(reverse("publish_advice", args=["NP"]))
    page = client.post(reverse("publish_advice", args=["NP"]), follow=True)
    assert "Problem" not in page.content.decode()


PAGES = ("review_advice", "write_advice")
DOINGS = ("publish_advice", "confirm_advice", "discard_advice", "write_advice")


@pytest.mark.parametrize("country", ["JP", "XX"])
def test_another_posts_country_does_not_exist_here(country):
    if country == "JP":
        make_advice(country)
    client = signed_in(make_officer())
    for name in PAGES:
        assert client.get(reverse(name, args=[country])).status_code == HTTPStatus.NOT_FOUND
    for name in DOINGS:
        page = client.post(reverse(name, args=[country]), typed())
        assert page.status_code == HTTPStatus.NOT_FOUND
    assert "Japan" not in client.get(reverse("list_country_advice")).content.decode()
    client.get(reverse("list_country_advice"), {"country": country})
    assert not Advice.objects.drafts().exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.DATA_PROTECTION_OFFICER])
def test_only_officers_and_coordinators_open_the_pages(role):
    make_advice()
    client = signed_in(make_user(role))
    for path in (reverse("list_country_advice"), *(reverse(n, args=["NP"]) for n in PAGES)):
        assert client.get(path).status_code == HTTPStatus.FORBIDDEN
    page = Client().get(reverse("list_country_advice"))
    assert page.status_code == HTTPStatus.FOUND
    assert reverse("account_login") in page["Location"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level": "5"}, "valid choice"),
        ({"level": ""}, "required"),
        ({"review_on": "2001-01-01"}, "within the next twelve months"),
        ({"review_on": "next week"}, "valid date"),
        ({"number_fire": "call them"}, "is no telephone number"),
        ({"ar-safety": "خطر"}, "Say in short"),
        ({"en-summary": "x" * 2001}, "at most 2000"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(changes, said):
    client = signed_in(make_officer())
    page = client.post(reverse("write_advice", args=["NP"]), typed(**{"fr-laws": "Loi"} | changes))
    text = page.content.decode()
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in text
    assert "<title>Error:" in text
    assert ">\nLoi</textarea>" in text
    assert not Advice.objects.exists()


def test_an_empty_page_is_refused():
    client = signed_in(make_officer())
    empty = typed(**{"en-summary": "", "es-summary": " "})
    page = client.post(reverse("write_advice", args=["NP"]), empty)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Write the page in at least one language." in page.content.decode()


def test_a_null_byte_is_refused_and_emoji_and_markup_are_text():
    client = signed_in(make_officer())
    page = client.post(reverse("write_advice", args=["NP"]), typed(**{"en-safety": "a\x00b"}))
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    words = "😀 <script>alert(1)</script> '); DROP TABLE advice; -- {link}"
    client.post(reverse("write_advice", args=["NP"]), typed(**{"en-safety": words}))
    review = client.get(reverse("review_advice", args=["NP"])).content.decode()
    assert "<script>alert" not in review
    assert "😀 &lt;script&gt;" in review


def test_a_colleagues_draft_is_not_overwritten():
    author, colleague = make_author_and_publisher()
    late = signed_in(colleague).get(reverse("write_advice", args=["NP"]))
    signed_in(author).post(reverse("write_advice", args=["NP"]), typed())
    page = signed_in(colleague).post(
        reverse("write_advice", args=["NP"]),
        typed(seen_digest=late.context["seen_digest"], **{"en-summary": "Mine."}),
    )
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    text = page.content.decode()
    assert "Somebody else was faster" in text
    assert "Mine." in text
    assert Advice.objects.drafts().get().written_by == author


def test_writing_begins_with_what_is_published_but_not_with_its_news():
    make_advice(numbers={"police": "100", "fire": "101"})
    page = signed_in(make_officer()).get(reverse("write_advice", args=["NP"])).content.decode()
    assert "Mountain roads close in the rain.</textarea>" in page
    assert "The airport road is open." not in page
    assert 'name="number_fire" value="101"' in page


def test_what_is_new_is_told_in_words_not_by_colour_alone():
    author, colleague = make_author_and_publisher()
    make_advice(level=2, written_by=author, published_by=colleague)
    client = signed_in(author)
    client.post(
        reverse("write_advice", args=["NP"]),
        typed(**{"en-summary": "Mountain roads close in the snow.", "es-summary": ""}),
    )
    page = client.get(reverse("review_advice", args=["NP"])).content.decode()
    assert '<ins><span class="visually-hidden">[added: </span>snow.' in page
    assert '<del><span class="visually-hidden">[taken out: </span>rain.' in page
    assert "2 · Take more care than usual" in page
    assert "This language was left empty" in page


def test_a_coordinator_sees_every_post_and_begins_any_country():
    make_advice("JP")
    make_advice("YE", state=AdviceState.DRAFT)
    client = signed_in(make_coordinator())
    listed = client.get(reverse("list_country_advice")).content.decode()
    assert "Japan" in listed
    assert "Yemen" in listed
    page = client.get(reverse("list_country_advice"), {"country": "CL"})
    assert page["Location"] == reverse("write_advice", args=["CL"])


def test_a_page_is_checked_and_what_is_due_is_marked():
    officer = make_officer()
    make_advice(review_on=timezone.now().date() - dt.timedelta(days=1))
    client = signed_in(officer)
    assert "Due" in client.get(reverse("list_country_advice")).content.decode()
    wrong = client.post(reverse("confirm_advice", args=["NP"]), {"review_on": "2001-01-01"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    later = timezone.now().date() + dt.timedelta(days=30)
    client.post(reverse("confirm_advice", args=["NP"]), {"review_on": later.isoformat()})
    assert Advice.objects.get().review_on == later
    assert ">Due<" not in client.get(reverse("list_country_advice")).content.decode()


def test_a_draft_is_thrown_away_on_its_page():
    author, _colleague = make_author_and_publisher()
    client = signed_in(author)
    client.post(reverse("write_advice", args=["NP"]), typed())
    client.post(reverse("discard_advice", args=["NP"]))
    assert not Advice.objects.exists()
    assert client.get(reverse("review_advice", args=["NP"])).status_code == HTTPStatus.NOT_FOUND
