"""Twilio's shape against a gateway that refuses what Twilio refuses."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from pytest_django import Settings

from micic_portal.demo.sinks.twilio import ACCOUNT, SENDER, TOKEN
from notifications.channels.ports import Letter, Outcome, Verdict
from notifications.channels.sms.composing import SmsComposer
from notifications.channels.sms.transport import check_config, open_transport
from notifications.models import MessageText
from notifications.providers import Provider
from tests.sinks import Sinks


def twilio(sinks: Sinks, **options: str) -> Provider:
    shape = {"name": "twilio", "shape": "twilio", "url": sinks.base}
    account = {"account": ACCOUNT, "token": TOKEN, "sender": SENDER}
    return Provider("sms", "twilio", shape | account | options)


def letter(provider: Provider, to: str = "+9779800000000", words: str = "مرحبا 🌊 & =") -> Letter:
    text = MessageText(language="en", subject="s", body="b", sms=words)
    return SmsComposer(text, provider).fill(uuid.uuid4(), to, {})


def sent(provider: Provider, *letters: Letter) -> list[Outcome]:
    async def go() -> list[Outcome]:
        transport = open_transport(provider)
        try:
            return await transport.send(letters)
        finally:
            await transport.close()

    return asyncio.run(go())


@pytest.fixture(autouse=True)
def _portal_here(settings: Settings) -> None:
    settings.PORTAL_URL = "http://127.0.0.1:1"


def test_a_message_arrives_as_it_was_written(sinks: Sinks):
    provider = twilio(sinks)
    assert check_config(provider) == []
    one = letter(provider)
    [outcome] = sent(provider, one)
    assert (outcome.verdict, outcome.reference) == (Verdict.ACCEPTED, f"SM{1:032x}")
    [arrived] = sinks.messages()
    assert (arrived["body"], arrived["to"]) == ("مرحبا 🌊 & =", "+9779800000000")
    assert arrived["sender"] == SENDER
    assert arrived["reference"] == str(one.delivery_id)


@pytest.mark.parametrize(
    ("to", "verdict", "code"),
    [
        ("+15005550001", Verdict.FAILED, "twilio_21211"),
        ("+15005550004", Verdict.FAILED, "twilio_21610"),
        ("+15005550009", Verdict.FAILED, "twilio_21614"),
        ("+15005550003", Verdict.RETRY, "twilio_refused_us_21408"),
    ],
)
def test_a_number_that_is_refused(sinks: Sinks, to: str, verdict: Verdict, code: str):
    provider = twilio(sinks)
    [outcome] = sent(provider, letter(provider, to))
    assert (outcome.verdict, outcome.code) == (verdict, code)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"token": "wrong"}, "twilio_refused_us_20003"),
        ({"account": "AC" + "9" * 32}, "twilio_refused_us_20003"),
        ({"sender": "+15005550007"}, "twilio_refused_us_21606"),
        ({"sender": "+15005550008"}, "twilio_21611"),
        ({"url": "http://127.0.0.1:1"}, "gateway_unreachable"),
        ({"account": ""}, "gateway_not_set"),
    ],
)
def test_nobody_is_given_up_for_what_the_operator_can_mend(
    sinks: Sinks, options: dict[str, str], code: str
):
    provider = twilio(sinks, **options)
    [outcome] = sent(provider, letter(provider))
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, code)


def test_a_text_that_is_far_too_long_is_not_tried_again(sinks: Sinks):
    provider = twilio(sinks)
    [outcome] = sent(provider, letter(provider, words="a" * 1601))
    assert outcome == Outcome(Verdict.FAILED, "twilio_21617")


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("error", Verdict.UNCERTAIN),
        ("busy", Verdict.RETRY),
        ("refuse", Verdict.FAILED),
        ("garbage", Verdict.UNCERTAIN),
        ("forget", Verdict.ACCEPTED),
    ],
)
def test_on_a_bad_day(sinks: Sinks, fault: str, verdict: Verdict):
    provider = twilio(sinks)
    sinks.play(**{f"{fault}_percent": 100, "retry_after": 7})
    [outcome] = sent(provider, letter(provider))
    assert outcome.verdict is verdict
    assert outcome.retry_after == (7 if fault == "busy" else None)
    assert sinks.counts()["sms"] == 0


def test_nobody_can_be_asked_by_our_reference(sinks: Sinks):
    async def go() -> list[Outcome]:
        transport = open_transport(twilio(sinks))
        try:
            assert transport.can_look_up is False
            return await transport.look_up([uuid.uuid4()])
        finally:
            await transport.close()

    assert asyncio.run(go()) == [Outcome(Verdict.UNCERTAIN, "no_lookup")]
