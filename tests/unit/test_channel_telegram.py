"""What is sent to a chat, what Telegram's answers mean, and what people write to the bot."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from micic_portal.demo.sinks import telegram as fake
from notifications.channels.calls import Call, Forged, Unreadable
from notifications.channels.ports import BadAddress, Verdict
from notifications.channels.references import kept_reference
from notifications.channels.telegram.composing import (
    LONGEST_TEXT,
    TelegramComposer,
    valid_address,
)
from notifications.channels.telegram.transport import check_config, outcome_of
from notifications.channels.telegram.webhooks import read_call
from notifications.models import MessageText
from notifications.providers import Provider

ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
CHAT = "5000000001"
SECRET = "a-secret-of-the-webhook"


def provider(**options: str) -> Provider:
    set_ = {"token": fake.TOKEN, "webhook_secret": SECRET}
    return Provider("telegram", "bot", {"name": "bot", **set_, **options})


def composed(*, body: str = "Go: {link}", short: str = "Flood!", **values: str) -> dict[str, Any]:
    text = MessageText(language="en", subject="Flood in {place}", body=body, sms=short)
    values = {"place": "Kathmandu", "link": "https://p/a/x", **values}
    return json.loads(TelegramComposer(text).fill(ONE, CHAT, values).payload)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_chat_gets_the_whole_text_and_nothing_in_it_is_parsed():
    letter = composed(place="<b>Kathmandu</b> *x* [y](https://evil.example)")
    assert letter == {
        "chat_id": 5000000001,
        "text": "Flood in <b>Kathmandu</b> *x* [y](https://evil.example)\n\nGo: https://p/a/x",
        "link_preview_options": {"is_disabled": True},
    }


def test_a_line_break_in_a_value_adds_no_line():
    assert composed(place="K\nURGENT")["text"].startswith("Flood in K URGENT\n\n")


@pytest.mark.parametrize("character", ["a", "ع", "🌊"])
def test_a_text_that_is_too_long_becomes_the_short_one_with_its_link(character: str):
    assert composed(body=character * 5000 + "{link}")["text"] == "Flood! https://p/a/x"
    text = composed(body=character * 5000 + "{link}", short=character * 5000)["text"]
    assert text.endswith("… https://p/a/x")
    assert LONGEST_TEXT - 1 <= units(text) <= LONGEST_TEXT


def test_the_longest_text_is_sent_whole():
    body = "🌊" * ((LONGEST_TEXT - units("Flood in Kathmandu\n\n")) // 2)
    assert units(composed(body=body)["text"]) == LONGEST_TEXT


@pytest.mark.parametrize(
    "chat", ["", "0", "-100123456", "@channel", "1x", "٣", "1\n", str(2**52), "9" * 40]
)
def test_only_the_number_of_one_person_is_an_address(chat: str):
    with pytest.raises(BadAddress):
        valid_address(chat)
    with pytest.raises(BadAddress):
        TelegramComposer(MessageText(language="en")).fill(ONE, chat, {})


def refused(status: int, words: str = "", **more: object) -> bytes:
    told = {"ok": False, "error_code": status, "description": words, **more}
    return json.dumps(told).encode()


def sent(number: object) -> bytes:
    return json.dumps({"ok": True, "result": {"message_id": number}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "verdict", "code"),
    [
        (200, sent(7), Verdict.ACCEPTED, ""),
        (200, sent("x"), Verdict.UNCERTAIN, "telegram_garbled"),
        (200, b'{"ok": true}', Verdict.UNCERTAIN, "telegram_garbled"),
        (200, b'{"ok": false, "result": {"message_id": 7}}', Verdict.UNCERTAIN, "telegram_garbled"),
        (200, b"<html>", Verdict.UNCERTAIN, "telegram_garbled"),
        (
            403,
            refused(403, "Forbidden: bot was blocked by the user"),
            Verdict.FAILED,
            "telegram_403",
        ),
        (403, refused(403, "Forbidden: user is deactivated"), Verdict.FAILED, "telegram_403"),
        (
            403,
            refused(403, "Forbidden: bot can't send messages to the user"),
            Verdict.RETRY,
            "telegram_403",
        ),
        (400, refused(400, "Bad Request: chat not found"), Verdict.FAILED, "telegram_no_chat"),
        (400, refused(400, "Bad Request: PEER_ID_INVALID"), Verdict.FAILED, "telegram_no_chat"),
        (
            400,
            refused(400, "Bad Request: message text is empty"),
            Verdict.RETRY,
            "telegram_refused_us_400",
        ),
        (401, refused(401, "Unauthorized"), Verdict.RETRY, "telegram_refused_us_401"),
        (404, refused(404, "Not Found"), Verdict.RETRY, "telegram_refused_us_404"),
        (429, refused(429, "Too Many Requests: retry after 7"), Verdict.RETRY, "telegram_429"),
        (500, refused(500), Verdict.RETRY, "telegram_500"),
        (502, b"<html>", Verdict.RETRY, "telegram_502"),
        (403, b"<html>Proxy</html>", Verdict.RETRY, "telegram_refused_us_403"),
        (400, b"<html>Proxy</html>", Verdict.RETRY, "telegram_garbled_400"),
        (400, b'{"description": "chat not found"}', Verdict.RETRY, "telegram_garbled_400"),
        (400, b'["chat not found"]', Verdict.RETRY, "telegram_garbled_400"),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, verdict: Verdict, code: str):
    outcome = outcome_of(CHAT, status, body)
    assert (outcome.verdict, outcome.code) == (verdict, code)


@pytest.mark.parametrize(
    ("parameters", "seconds"),
    [({"retry_after": 7}, 7), ({"retry_after": 9999}, 600), ({}, None), (None, None), (7, None)],
)
def test_telegrams_wish_to_wait_is_read(parameters: object, seconds: float | None):
    body = refused(429, "Too Many Requests", parameters=parameters)
    assert outcome_of(CHAT, 429, body).retry_after == seconds


def test_a_message_is_known_by_its_chat_and_number_and_neither_is_kept():
    reference = outcome_of(CHAT, 200, sent(7)).reference
    assert reference == kept_reference("telegram", CHAT, "7")
    assert reference != outcome_of("5000000002", 200, sent(7)).reference
    assert CHAT not in reference


def test_the_configuration_is_checked():
    assert check_config(provider()) == []
    assert check_config(Provider("telegram", "bot", {"name": "bot", "base": "x"})) == [
        "TELEGRAM_BOT_TOKEN is not set to the token of a bot.",
        "TELEGRAM_BOT_WEBHOOK_SECRET is not set to 16 or more letters, digits, _ and -: "
        "no reply is taken.",
        "TELEGRAM_BOT_BASE is not an http(s) address.",
    ]
    for token in ("x", f"{fake.TOKEN}/../x", f"{fake.TOKEN}\n", f"bot{fake.TOKEN}"):
        assert check_config(provider(token=token)) == [
            "TELEGRAM_BOT_TOKEN is not set to the token of a bot."
        ]


def call(body: bytes, secret: str = SECRET) -> Call:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    return Call("POST", "https://p/channels/telegram/bot/", headers, {}, body, datetime.now(UTC))


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "1 K7QF"}, "1 K7QF"),
        ({"text": "/start q8ZxK2"}, "/start q8ZxK2"),
        ({"text": "a\x00b\ud800"}, "ab?"),
        ({"location": {"latitude": 27.7, "longitude": 85.3}}, "[location] 27.7, 85.3"),
        ({"photo": [{}], "caption": "look"}, "[photo] look"),
        ({"voice": {}}, "[voice]"),
    ],
)
def test_what_somebody_writes_is_a_reply(message: dict[str, Any], text: str):
    (reply,) = read_call(provider(), call(fake.update_of(3, int(CHAT), **message))).replies
    assert (reply.channel, reply.provider) == ("telegram", "telegram.bot")
    assert (reply.sender, reply.text) == (CHAT, text)
    assert (reply.provider_reference, reply.in_reply_to) == ("10000003", None)


def test_a_correction_is_a_reply_of_its_own():
    """Who wrote that they are safe may find out that they are not."""
    update = json.loads(fake.update_of(4, int(CHAT), text="AYUDA"))
    update["edited_message"] = update.pop("message")
    (reply,) = read_call(provider(), call(json.dumps(update).encode())).replies
    assert (reply.text, reply.provider_reference) == ("AYUDA", "10000004")


@pytest.mark.parametrize(
    "body",
    [
        fake.update_of(1, int(CHAT), text="x", chat={"id": -100123, "type": "supergroup"}),
        fake.update_of(1, int(CHAT), text="x", chat={"id": int(CHAT), "type": "channel"}),
        fake.update_of(1, int(CHAT), text="x", chat={"id": CHAT * 9, "type": "private"}),
        fake.update_of(1, int(CHAT), text="x", chat="private"),
        fake.update_of(1, int(CHAT)),
        fake.update_of(1, int(CHAT), text=["x"]),
        b'{"update_id": 1}',
        b'{"update_id": 1, "message": 7}',
        b'{"update_id": 1, "callback_query": {"data": "x"}}',
    ],
)
def test_what_is_not_from_one_person_to_us_is_passed_over(body: bytes):
    assert list(read_call(provider(), call(body)).replies) == []


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b'{"update_id": "1"}', b"[" * 100_000])
def test_what_is_no_update_is_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        read_call(provider(), call(body))


@pytest.mark.parametrize("secret", ["", "another-secret-word", SECRET + " ", SECRET[:-1], "é"])
def test_a_call_without_the_secret_is_forged(secret: str):
    body = fake.update_of(1, int(CHAT), text="1")
    with pytest.raises(Forged):
        read_call(provider(), call(body, secret))
    with pytest.raises(Forged):
        read_call(provider(webhook_secret=""), call(body, secret))
