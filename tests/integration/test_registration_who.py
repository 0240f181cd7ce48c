"""Who registers, and the codes that prove how they are reached."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial

import phonenumbers
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from notifications.models import Delivery, MessageText
from registrations.answers import Answers
from registrations.codes import code_of
from registrations.forms import WhoForm
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
        ({"document_number": "x" * 41}, "Write at most 40 letters."),
        ({"document_number": "<script>"}, "Write only letters, digits"),
        ({"birth_date": "1899-12-31"}, "it lies before 1900"),
        ({"birth_date": "31/12/2999"}, "cannot lie in the future"),
        ({"birth_date": "30/2/1990"}, "This day does not exist"),
        ({"birth_date": "12/24/1990"}, "There are 12 months."),
        ({"birth_date": "my birthday"}, "in numbers, like 31/3/2027"),
    ],
)
def test_what_is_wrong_with_who_stands_beside_it_and_keeps_the_rest(client, changes, message):
    typed = WHO | changes
    shown = send(client, "enter_name", typed)
    assert message in shown
    assert not Draft.objects.exists()
    kept = [value for value in typed.values() if value and value not in changes.values()]
    assert all(value in shown for value in kept)


NAMES = (
    "Ö",
    "O",
    "李",
    "محمد بن عبد الله",
    "👩‍🚀 Ana",
    "Sukarno",
    "x" * 300,
    "'; DROP TABLE registrations_person; --",
    "<script>alert(1)</script>",
    "{{ 7|add:7 }}",
    "%(name)s %s {name}",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_kind_are_kept_as_they_were_typed(client: Client, name):
    send(client, "enter_name", WHO | {"name": name}, then="confirm_code")
    assert Answers.from_json(Draft.objects.get().answers).name == name
    assert escape(name) in page(client, "enter_name")
    assert "<script>alert" not in page(client, "enter_name")


def test_mobile_numbers_of_every_country_are_taken():
    form = partial(WhoForm, initial={})
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is None:
            continue
        for style in (
            phonenumbers.PhoneNumberFormat.E164,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        ):
            typed = phonenumbers.format_number(example, style)
            filled = form({"name": "Ana", "mobile": typed, "language": "es"})
            assert filled.is_valid(), (region, filled.errors)
            assert filled.contacts[0].address == phonenumbers.format_number(
                example, phonenumbers.PhoneNumberFormat.E164
            )


@pytest.mark.parametrize(
    ("ticked", "works"),
    [
        ({"mail_abroad": "on", "mobile_abroad": "on"}, {"mail": True, "sms": True}),
        ({"mobile_abroad": "on"}, {"mail": False, "sms": True}),
        # Nothing ticked says nothing: both are tried.
        ({}, {"mail": True, "sms": True}),
    ],
)
def test_which_address_works_abroad(client: Client, ticked, works):
    both = WHO | {"mobile": "+34600123456"} | ticked
    send(client, "enter_name", both, then="confirm_code")
    contacts = Answers.from_json(Draft.objects.get().answers).contacts
    assert {item.channel: item.works_abroad for item in contacts} == works


def test_the_only_address_is_used_wherever_they_are(client: Client):
    send(client, "enter_name", WHO | {"mobile_abroad": "on"}, then="confirm_code")
    assert Answers.from_json(Draft.objects.get().answers).contacts[0].works_abroad


def test_document_and_birth_are_kept_tidied(client: Client):
    told = {"document_number": " ab 123 ", "birth_date": "٢٩/٢/١٩٨٠"}
    send(client, "enter_name", WHO | told, then="confirm_code")
    answers = Answers.from_json(Draft.objects.get().answers)
    assert (answers.document_number, answers.birth_date) == ("AB 123", dt.date(1980, 2, 29))
    shown = page(client, "enter_name")
    assert 'value="1980-02-29"' in shown
    assert 'value="AB 123"' in shown


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
