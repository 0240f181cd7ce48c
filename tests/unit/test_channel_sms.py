"""What a gateway's answers mean, and what an SMS holds."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from notifications.channels.http import retry_after
from notifications.channels.ports import BadAddress, Outcome, Verdict
from notifications.channels.sms.composing import SmsComposer
from notifications.channels.sms.shapes.generic import outcome_of
from notifications.channels.sms.transport import check_config, open_transport
from notifications.models import MessageText
from notifications.providers import Provider

GATEWAY = Provider("sms", "gateway", {"name": "gateway"})
ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (201, b'{"id": "x"}', Verdict.ACCEPTED),
        (200, b"<html>Welcome</html>", Verdict.UNCERTAIN),
        (200, b"", Verdict.UNCERTAIN),
        (200, b"\xff\xfe\x00", Verdict.UNCERTAIN),
        (200, b'["a"]', Verdict.UNCERTAIN),
        (400, b"{}", Verdict.FAILED),
        (422, b"{}", Verdict.FAILED),
        (401, b"{}", Verdict.RETRY),
        (403, b"{}", Verdict.RETRY),
        (400, b"<html>Bad Request</html>", Verdict.RETRY),
        (400, b"", Verdict.RETRY),
        (404, b"<html>", Verdict.RETRY),
        (302, b"", Verdict.RETRY),
        (408, b"", Verdict.RETRY),
        (425, b"", Verdict.RETRY),
        (429, b"", Verdict.RETRY),
        (500, b"", Verdict.RETRY),
        (503, b"", Verdict.RETRY),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, verdict: Verdict):
    assert outcome_of(status, body).verdict is verdict


def test_the_gateways_wish_to_wait_is_read():
    assert outcome_of(429, b"", "7").retry_after == 7
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after(later) == pytest.approx(30, abs=3)
    assert retry_after("-5") == 0
    assert retry_after("99999999") == 600
    assert retry_after("soon") is None
    assert retry_after("nan") is None
    assert retry_after(None) is None


def sms(body: str, short: str, **values: str) -> str:
    text = MessageText(language="en", subject="Flood", body=body, sms=short)
    letter = SmsComposer(text, GATEWAY).fill(ONE, "+9779800000000", values)
    return json.loads(letter.payload)["text"]


def test_the_link_is_added_where_the_short_text_lacks_it():
    assert sms("Go: {link}", "Flood!", link="L") == "Flood! L"
    assert sms("Go: {link}", "See {link} now", link="L") == "See L now"
    assert sms("No link", "Flood!", link="L") == "Flood!"


def test_without_a_short_text_the_long_one_is_sent():
    assert sms("Code {code}", "", code="1") == "Flood\nCode 1"


@pytest.mark.parametrize("number", ["", "0123", "+0123456789", "+12 34567890", "+1234567890\n"])
def test_only_an_international_number_is_sent_to(number: str):
    text = MessageText(language="en", subject="s", body="b")
    with pytest.raises(BadAddress):
        SmsComposer(text, GATEWAY).fill(ONE, number, {})


def test_the_configuration_is_checked():
    assert check_config(GATEWAY) == ["SMS_GATEWAY_URL is not set to an http(s) address."]
    there = {"name": "gateway", "url": "https://sms.example/messages"}
    assert check_config(Provider("sms", "gateway", there)) == ["SMS_GATEWAY_TOKEN is not set."]
    [receipts] = check_config(Provider("sms", "gateway", {**there, "token": "x"}))
    assert receipts.startswith("SMS_GATEWAY_WEBHOOK_SECRET is not set")
    whole = {**there, "token": "x", "webhook_secret": "y"}
    assert check_config(Provider("sms", "gateway", whole)) == []


def test_a_shape_that_there_is_not_is_said_and_sends_nothing():
    wrong = Provider("sms", "gateway", {"url": "https://sms.example", "shape": "twillio"})
    assert check_config(wrong) == ["SMS_GATEWAY_SHAPE is none of: generic, twilio."]
    text = MessageText(language="en", subject="s", body="b")
    letter = SmsComposer(text, wrong).fill(ONE, "+9779800000000", {})

    async def go() -> list[Outcome]:
        transport = open_transport(wrong)
        try:
            return await transport.send([letter])
        finally:
            await transport.close()

    assert asyncio.run(go()) == [Outcome(Verdict.RETRY, "gateway_not_set")]
