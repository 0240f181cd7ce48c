"""Who registers, and the codes that prove how they are reached."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.models import Delivery, MessageText
from registrations.codes import code_of
from registrations.models import Challenge, Draft
from tests.factories.journey import WHO, newest_code, other_code, page, prove, send, until_check
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def test_the_code_is_sent_and_stored_nowhere(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    challenge = Challenge.objects.get()
    code = code_of(challenge.pk)
    delivery = Delivery.objects.get()
    assert (delivery.recipient_id, delivery.channel, delivery.language) == (
        challenge.pk,
        "mail",
        "es",
    )
    for model in (Challenge, Draft, Delivery, MessageText):
        for row in model.objects.values():
            assert code not in str(row)
    assert "{code}" in MessageText.objects.get().body


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "Write your name."),
        ({"name": "x" * 301}, "Write at most 300 letters."),
        ({"mail": ""}, "Write an email address or a mobile number."),
        ({"mail": "ana@"}, "Write an email address, like name@example.org."),
        ({"mail": "a@example.org, b@example.org"}, "Write one email address"),
        ({"mail": "", "mobile": "600123456"}, "Begin the number with +"),
        ({"mail": "", "mobile": "+34 12"}, "This is not a telephone number."),
        ({"mail": "", "mobile": "+34 911 234 567"}, "cannot receive text messages"),
        ({"language": "tlh"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_with_who_stands_beside_it_and_keeps_the_rest(client, changes, message):
    typed = WHO | changes
    shown = send(client, "enter_name", typed)
    assert message in shown
    assert not Draft.objects.exists()
    kept = [value for value in typed.values() if value and value not in changes.values()]
    assert all(value in shown for value in kept)


def test_names_of_every_kind_are_taken(client: Client):
    for name in ("Ö", "محمد بن عبد الله", "👩‍🚀 Ana", "'; DROP TABLE person; --", "<b>Bo</b>"):
        visit = Client()
        send(visit, "enter_name", WHO | {"name": name}, then="confirm_code")
        cache.clear()


def test_a_wrong_code_an_old_one_a_late_one(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    first = newest_code()
    assert "This code is not right" in send(client, "confirm_code", {"code_mail": other_code()})
    assert "The code has 6 digits" in send(client, "confirm_code", {"code_mail": "12a"})
    assert "Write the code we sent" in send(client, "confirm_code", {"code_mail": ""})
    send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    assert Challenge.objects.count() == 2
    assert "This is an earlier code" in send(client, "confirm_code", {"code_mail": first})
    Challenge.objects.update(expires_at=timezone.now())
    shown = send(client, "confirm_code", {"code_mail": newest_code()})
    assert "more than 15 minutes old" in shown
    assert newest_code() in shown


def test_five_wrong_tries_end_a_code(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    wrong = {"code_mail": other_code()}
    for _ in range(4):
        assert "This code is not right" in send(client, "confirm_code", wrong)
    assert "wrong 5 times" in send(client, "confirm_code", wrong)
    assert "wrong 5 times" in send(client, "confirm_code", {"code_mail": newest_code()})
    send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    send(client, "confirm_code", {"code_mail": newest_code()}, then="add_stay")


def test_a_used_code_does_not_work_again(client: Client):
    prove(client)
    used = newest_code()
    send(client, "enter_name", WHO | {"mail": "other@example.org"}, then="confirm_code")
    send(client, "enter_name", WHO, then="confirm_code")
    assert "used already" in send(client, "confirm_code", {"code_mail": used})


def test_codes_are_limited_for_each_contact(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    for _ in range(4):
        send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    assert "several codes there already" in page(client, "confirm_code")
    assert Challenge.objects.count() == 5
    shown = send(Client(), "enter_name", WHO)
    assert "several codes there already" in shown
    assert "Ana@Example.ORG" in shown


def test_the_budget_for_text_messages_is_limited(client: Client, settings):
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"sms_codes_per_day": 0}
    shown = send(client, "enter_name", WHO | {"mail": "", "mobile": "+34600123456"})
    assert "We cannot send more text messages today" in shown
    send(client, "enter_name", WHO | {"mobile": "+34600123456"}, then="confirm_code")
    assert "We cannot send more text messages today" in page(client, "confirm_code")


def test_a_network_is_limited(client: Client, settings):
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_network_hour": 1}
    send(client, "enter_name", WHO, then="confirm_code")
    again = WHO | {"mail": "b@example.org"}
    assert "Many codes have been asked for from your network" in send(Client(), "enter_name", again)
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    send(elsewhere, "enter_name", again, then="confirm_code")


def test_nothing_tells_whether_an_address_is_registered(client: Client):
    until_check(client)
    send(client, "check_answers", {}, then="show_done")
    cache.clear()
    seen = []
    for address in ("ana@example.org", "unknown@example.org"):
        visit = Client()
        with CaptureQueriesContext(connection) as work:
            visit.post(reverse("enter_name"), WHO | {"mail": address})
        seen.append((len(work), without_tokens(page(visit, "confirm_code")).replace(address, "")))
    assert seen[0] == seen[1]


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)
