"""A gateway in a process of its own calls the portal: receipts, answers, the demo's form."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from micic_portal.demo.sinks.twilio import ACCOUNT, TOKEN, signature_of
from notifications.channels.sms.shapes import twilio
from notifications.ports import Inbound, Undeliverable, bind_inbound, inbound_handler
from notifications.providers import Provider
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)


class Handler:
    def __init__(self) -> None:
        self.replies: list[Inbound] = []

    def reply(self, inbound: Inbound) -> None:
        self.replies.append(inbound)

    def undeliverable(self, delivery_ids: Sequence[UUID], kind: Undeliverable) -> None:
        raise AssertionError("Nobody said so.")


@pytest.fixture
def handler() -> Iterator[Handler]:
    before, found = inbound_handler(), Handler()
    bind_inbound(found)
    yield found
    if before is not None:
        bind_inbound(before)


@pytest.fixture
def calling(sinks: Sinks, live_server: LiveServer, settings: Settings) -> Iterator[Sinks]:
    settings.PORTAL_URL = live_server.url
    settings.CHANNEL_PROVIDERS["sms"].append(
        {"name": "twilio", "shape": "twilio", "account": ACCOUNT, "token": TOKEN}
    )
    sinks.call_back(live_server.url)
    yield sinks
    sinks.clear()


def test_an_answer_reaches_whoever_takes_answers(calling: Sinks, handler: Handler):
    assert calling.answer("+9779800000000", "أنا بخير 7K2M", id="in-1") == 200
    [reply] = handler.replies
    assert (reply.sender, reply.text) == ("+9779800000000", "أنا بخير 7K2M")
    assert (reply.provider, reply.provider_reference) == ("sms.gateway", "in-1")


def test_an_answer_by_twilio_does_as_well(calling: Sinks, handler: Handler):
    assert calling.answer("+9779800000000", "STOP", provider="twilio", id="SM9") == 200
    [reply] = handler.replies
    assert (reply.text, reply.provider) == ("STOP", "sms.twilio")


def test_what_is_signed_with_another_secret_is_refused(
    calling: Sinks, handler: Handler, settings: Settings
):
    settings.CHANNEL_PROVIDERS["sms"][0]["webhook_secret"] = "renewed meanwhile"
    assert calling.answer("+9779800000000", "1") == 403
    settings.CHANNEL_PROVIDERS["sms"][1]["token"] = "renewed meanwhile"
    assert calling.answer("+9779800000000", "1", provider="twilio") == 403
    assert handler.replies == []


def test_a_body_of_two_megabytes_is_not_read(calling: Sinks, handler: Handler):
    assert calling.answer("+9779800000000", "a" * 2_000_000) == 413
    assert handler.replies == []


def test_twilio_is_told_the_address_that_there_is(settings: Settings):
    settings.PORTAL_URL = "https://portal.example"
    path = reverse("take_call", args=["sms", "twilio"])
    assert twilio.webhook_url(Provider("sms", "twilio", {})) == f"https://portal.example{path}"


def test_a_receipt_signed_for_one_delivery_is_none_for_another(
    calling: Sinks, client: Client, settings: Settings
):
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    path = reverse("take_call", args=["sms", "twilio"])
    one, other = (f"{path}?delivery={uuid.uuid4()}" for _ in range(2))
    signature = signature_of(f"{settings.PORTAL_URL}{one}", fields)

    def post(url: str) -> int:
        return client.post(
            url,
            urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        ).status_code

    assert (post(one), post(other)) == (200, 403)


@pytest.mark.urls("tests.authorization.urls")
def test_whoever_tries_the_demo_can_answer(
    calling: Sinks, handler: Handler, client: Client, settings: Settings
):
    settings.DEMO_SINKS_URL = calling.base
    there = reverse("answer_text_message")
    page = client.post(there, {"sender": "+9779800000000", "text": "1"}, follow=True)
    assert "Your answer has reached the portal." in page.content.decode()
    assert [reply.text for reply in handler.replies] == ["1"]
    page = client.post(there, {"sender": "+9779800000000", "text": " "}, follow=True)
    assert "Write what to answer." in page.content.decode()
    settings.CHANNEL_PROVIDERS["sms"][0]["webhook_secret"] = "another"
    page = client.post(there, {"sender": "+9779800000000", "text": "1"}, follow=True)
    assert "The portal did not take your answer." in page.content.decode()
    assert len(handler.replies) == 1
