"""How sending stands, for operators and coordinators: a picture first, and nobody on it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.adapter import OfficerAccountAdapter
from accounts.enums import Role
from notifications.enums import DeliveryState, Lane
from notifications.standing import ProviderStand
from notifications.watching.enums import Heart, Result
from notifications.watching.models import Trouble
from oversight.actions.sending import watch_sending
from tests.factories.accounts import make_user
from tests.factories.crisis_pages import signed_in
from tests.factories.watching import count, heard, make_rows

pytestmark = pytest.mark.django_db
PATHS = [reverse("show_sending"), reverse("sending_figures")]


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    cache.delete("notifications.reading")
    heard(Heart.SCHEDULER)
    heard(Heart.WORKER)


@pytest.fixture
def operator() -> Client:
    return signed_in(make_user(Role.OPERATOR))


def page(client: Client, path: str = PATHS[0]) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_quiet_portal_says_so(operator: Client):
    text = page(operator)
    assert "All is quiet" in text
    assert "flow--success" in text
    assert "Nothing was sent within the last hour." in text


def test_what_flows_is_a_picture_with_its_numbers(operator: Client):
    make_rows(12)
    count(Result.ACCEPTED, 30, minutes_ago=1)
    count(Result.ACCEPTED, 60, minutes_ago=7)
    count(Result.RETRIED, 5, minutes_ago=7, code="smtp_451")
    text = page(operator)
    assert "Everything flows" in text
    assert "30 messages were handed over in the last minute." in text
    assert "65 messages a minute at most" in text
    assert '<tr><th scope="row"><bdi>5–10</bdi></th><td class="number">60</td>' in text
    assert text.count('class="bars__fill" x=') == 3
    assert "smtp_451</code> 5" in text


def test_what_is_stuck_is_told_first_and_what_to_do(operator: Client):
    make_rows(due_seconds_ago=200)
    watch_sending()
    text = page(operator)
    assert text.index("Something is wrong") < text.index("Crisis notices are stuck")
    assert "flow--danger" in text
    assert "See whether the scheduler and a worker are alive" in text
    assert "The oldest has been due for 3" in text
    assert "bars__bar--danger" in text


def test_who_is_silent_is_told_even_before_an_alarm(operator: Client):
    heard(Heart.SCHEDULER, 600)
    heard(Heart.WORKER, 600)
    text = page(operator)
    assert '<li>Workers <span class="tag tag--warning">nobody calls them</span>' in text
    assert '<li>Scheduler <span class="tag tag--danger">silent</span>' in text
    assert "heard 10" in text


def test_a_provider_that_fails_says_so_and_when_it_is_tried_again(operator: Client):
    count(Result.RETRIED, 5, provider="sms.gateway", code="gateway_500")
    ProviderStand.objects.create(
        key="sms.gateway", failures=5, opened=1, open_until=timezone.now() + dt.timedelta(hours=1)
    )
    text = page(operator)
    assert "Fails, and is left alone" in text
    assert "tried again after" in text
    ProviderStand.objects.update(open_until=timezone.now() - dt.timedelta(hours=1))
    cache.delete("notifications.reading")
    assert "tried again after" not in page(operator)


def test_what_was_wrong_before_stays_to_be_read(operator: Client):
    now = timezone.now()
    for hours in range(1, 13):
        began = now - dt.timedelta(hours=hours)
        Trouble.objects.create(
            kind="provider_down", subject="sms.gateway", began_at=began, seen_at=began,
            ended_at=began + dt.timedelta(minutes=5),
        )  # fmt: skip
    text = page(operator)
    assert "All is quiet" in text
    assert text.count("This provider fails: sms.gateway") == 10


def test_doubts_and_what_is_held_are_told_apart_from_what_waits(operator: Client):
    make_rows(3, held=True)
    make_rows(4, state=DeliveryState.UNCERTAIN, doubts=1)
    make_rows(5, lane=Lane.ADVICE)
    shown = operator.get(PATHS[0]).context
    assert (shown["queued"], shown["doubts"], shown["held"]) == (5, 4, 3)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_on_it(operator: Client, path: str):
    [row] = make_rows(due_seconds_ago=90)
    text = page(operator, path)
    assert str(row.pk) not in text
    assert str(row.recipient_id) not in text


def test_the_fragment_is_no_whole_page_and_is_kept_nowhere(operator: Client):
    response = operator.get(PATHS[1])
    assert "<html" not in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_an_operator_finds_it_in_the_menu_and_lands_there(operator: Client, rf: RequestFactory):
    assert f'href="{PATHS[0]}"' in page(operator, reverse("show_account"))
    request = rf.get("/")
    request.user = make_user(Role.OPERATOR)
    assert OfficerAccountAdapter().get_login_redirect_url(request) == PATHS[0]
