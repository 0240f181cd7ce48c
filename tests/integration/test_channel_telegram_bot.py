"""The Telegram channel against a Bot API that refuses what Telegram's refuses."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Any

import pytest

from micic_portal.demo.sinks import telegram as fake
from notifications.channels.ports import Letter, Outcome, Verdict
from notifications.channels.telegram.composing import TelegramComposer
from notifications.channels.telegram.transport import TelegramTransport
from notifications.models import MessageText
from notifications.providers import Provider
from tests.sinks import Sinks

CHAT = 5_000_000_001


def provider(sinks: Sinks, **options: str) -> Provider:
    set_ = {"base": sinks.base, "token": fake.TOKEN}
    return Provider("telegram", "bot", {"name": "bot", **set_, **options})


def letter_to(chat: int = CHAT) -> Letter:
    text = MessageText(language="ar", subject="فيضان", body="أخبرنا بحالك: {link}", sms="")
    return TelegramComposer(text).fill(uuid.uuid4(), str(chat), {"link": "https://p/a/x"})


def sent(by: Provider, *letters: Letter) -> list[Outcome]:
    async def go() -> list[Outcome]:
        transport = TelegramTransport(by)
        try:
            return await transport.send(letters)
        finally:
            await transport.close()

    return asyncio.run(go())


def test_a_notice_comes_to_its_chat(sinks: Sinks):
    (outcome,) = sent(provider(sinks), letter_to())
    assert outcome.verdict is Verdict.ACCEPTED
    assert len(outcome.reference) == 22
    (message,) = sinks.messages()
    assert (message["channel"], message["to"]) == ("telegram", str(CHAT))
    assert message["body"] == "فيضان\n\nأخبرنا بحالك: https://p/a/x"


@pytest.mark.parametrize(
    ("chat", "outcome"),
    [
        (1, Outcome(Verdict.FAILED, "telegram_403", gone=True)),
        (2, Outcome(Verdict.FAILED, "telegram_403", gone=True)),
        (3, Outcome(Verdict.FAILED, "telegram_no_chat", gone=True)),
        (4, Outcome(Verdict.RETRY, "telegram_429", retry_after=7)),
        (5, Outcome(Verdict.RETRY, "telegram_500")),
    ],
)
def test_who_is_meant_by_a_refusal(sinks: Sinks, chat: int, outcome: Outcome):
    assert sent(provider(sinks), letter_to(chat)) == [outcome]
    assert sinks.messages() == []


def test_a_refusal_that_passes_by_itself_gives_nobody_up(sinks: Sinks):
    (outcome,) = sent(provider(sinks), letter_to(6))
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "telegram_403")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"token": "110201543:" + "x" * 35}, "telegram_refused_us_401"),
        ({"token": "x"}, "telegram_not_set"),
        ({"token": ""}, "telegram_not_set"),
        ({"base": "http://127.0.0.1:1"}, "telegram_unreachable"),
        ({"base": "api.telegram.org"}, "telegram_not_set"),
    ],
)
def test_for_what_the_operator_can_mend_nobody_is_given_up(
    sinks: Sinks, options: dict[str, str], code: str
):
    assert sent(provider(sinks, **options), letter_to()) == [Outcome(Verdict.RETRY, code)]


@pytest.mark.parametrize(
    "parts",
    [
        {"text": ""},
        {"text": " \n"},
        {"text": "x" * 4097},
        {"text": "🌊" * 2049},
        {"text": "<b", "parse_mode": "HTML"},
        {"chat_id": None},
    ],
)
def test_the_fake_refuses_what_telegram_refuses(sinks: Sinks, parts: dict[str, Any]):
    letter = letter_to()
    payload = json.dumps({**json.loads(letter.payload), **parts}).encode()
    (outcome,) = sent(provider(sinks), Letter(letter.delivery_id, letter.address, payload))
    assert outcome == Outcome(Verdict.RETRY, "telegram_refused_us_400")
    assert sinks.messages() == []


def test_the_token_in_the_address_is_never_logged(sinks: Sinks, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    token = fake.TOKEN
    letters = [letter_to(), letter_to(1), letter_to(5)]
    outcomes = sent(provider(sinks), *letters)
    for base in ("http://127.0.0.1:1", "http://nowhere.invalid", "http://[", "x", "ftp://x"):
        outcomes += sent(provider(sinks, base=base), *letters)
    told = caplog.text + repr(outcomes) + repr(letters) + repr(provider(sinks))
    for secret in (token, token.split(":")[1], str(CHAT), "https://p/a/x"):
        assert secret not in told
