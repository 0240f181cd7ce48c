"""The WhatsApp channel against a Cloud API that refuses what Meta's refuses."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Any

import pytest

from micic_portal.demo.sinks import whatsapp as fake
from notifications.channels.ports import Letter, Outcome, Verdict
from notifications.channels.whatsapp.composing import WhatsAppComposer
from notifications.channels.whatsapp.transport import WhatsAppTransport
from notifications.models import MessageText
from notifications.providers import Provider
from tests.sinks import Sinks

NUMBER = "+9779800000000"


def provider(sinks: Sinks, **options: str) -> Provider:
    set_ = {
        "base": sinks.base,
        "phone_number_id": fake.NUMBER_ID,
        "token": fake.TOKEN,
        "template": fake.TEMPLATE,
        "template_languages": "es,en=en_US,fr,ar",
    }
    return Provider("whatsapp", "meta", {"name": "meta", **set_, **options})


def letter_to(sinks: Sinks, number: str = NUMBER, **options: str) -> Letter:
    text = MessageText(language="ar", subject="فيضان", body="أخبرنا بحالك: {link}", sms="")
    composer = WhatsAppComposer(text, provider(sinks, **options))
    return composer.fill(uuid.uuid4(), number, {"link": "https://p/a/x"})


def sent(by: Provider, *letters: Letter) -> list[Outcome]:
    async def go() -> list[Outcome]:
        transport = WhatsAppTransport(by)
        try:
            return await transport.send(letters)
        finally:
            await transport.close()

    return asyncio.run(go())


def changed(letter: Letter, **parts: Any) -> Letter:
    payload = {**json.loads(letter.payload), **parts}
    return Letter(letter.delivery_id, letter.address, json.dumps(payload).encode())


def with_words(letter: Letter, *words: str) -> Letter:
    template = json.loads(letter.payload)["template"]
    template["components"][0]["parameters"] = [{"type": "text", "text": one} for one in words]
    return changed(letter, template=template)


def test_a_notice_comes_in_its_language_under_our_id(sinks: Sinks):
    letter = letter_to(sinks)
    (outcome,) = sent(provider(sinks), letter)
    assert outcome.verdict is Verdict.ACCEPTED
    assert len(outcome.reference) == 22
    (message,) = sinks.messages()
    assert message["to"] == NUMBER
    assert message["reference"] == str(letter.delivery_id)
    assert message["body"] == "فيضان\nفيضان أخبرنا بحالك:\nhttps://p/a/x"


@pytest.mark.parametrize(
    ("number", "verdict", "code"),
    [
        ("+15005550001", Verdict.FAILED, "whatsapp_131026"),
        ("+15005550002", Verdict.RETRY, "whatsapp_130429"),
        ("+15005550003", Verdict.RETRY, "whatsapp_131000"),
        ("+15005550004", Verdict.RETRY, "whatsapp_131056"),
        ("+15005550005", Verdict.RETRY, "whatsapp_refused_us_132015"),
        ("+15005550006", Verdict.RETRY, "whatsapp_refused_us_131030"),
    ],
)
def test_who_is_meant_by_a_refusal(sinks: Sinks, number: str, verdict: Verdict, code: str):
    (outcome,) = sent(provider(sinks), letter_to(sinks, number))
    assert (outcome.verdict, outcome.code) == (verdict, code)
    assert sinks.messages() == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"token": "expired"}, "whatsapp_refused_us_190"),
        ({"phone_number_id": "1234567"}, "whatsapp_refused_us_100"),
        ({"phone_number_id": ""}, "whatsapp_not_set"),
        ({"base": "http://127.0.0.1:1"}, "whatsapp_unreachable"),
        ({"base": "graph.facebook.com"}, "whatsapp_not_set"),
        ({"template": "another"}, "whatsapp_refused_us_132001"),
        ({"template_languages": "es,en,fr,ar=ar_EG"}, "whatsapp_refused_us_132001"),
    ],
)
def test_for_what_the_operator_can_mend_nobody_is_given_up(
    sinks: Sinks, options: dict[str, str], code: str
):
    outcomes = sent(provider(sinks, **options), letter_to(sinks, **options))
    assert outcomes == [Outcome(Verdict.RETRY, code)]


def test_the_fake_refuses_what_meta_refuses(sinks: Sinks):
    good = letter_to(sinks)
    text = {"type": "text", "template": None, "text": {"body": "Hello"}}
    bad = {
        "131047": changed(good, **text),
        "100": changed(good, messaging_product=None),
        "131009": changed(good, to="0123"),
        "131008": changed(good, template={"name": "notice"}),
        "132000": with_words(good, "a", "b"),
        "132018": with_words(good, "a\nb", "c", "d"),
        "132005": with_words(good, "a" * 1000, "b" * 100, "c"),
    }
    outcomes = sent(provider(sinks), *bad.values())
    assert [one.code for one in outcomes] == [f"whatsapp_refused_us_{code}" for code in bad]
    spaces, empty = with_words(good, "a     b", "c", "d"), with_words(good, "a", "", "d")
    codes = [one.code for one in sent(provider(sinks), spaces, empty)]
    assert codes == ["whatsapp_refused_us_132018", "whatsapp_refused_us_132000"]
    assert sinks.messages() == []


def test_nothing_of_a_message_or_a_token_is_logged(sinks: Sinks, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    letters = [letter_to(sinks), letter_to(sinks, "+15005550001")]
    outcomes = sent(provider(sinks), *letters)
    outcomes += sent(provider(sinks, base="http://127.0.0.1:1"), *letters)
    told = caplog.text + repr(outcomes) + repr(letters) + repr(provider(sinks))
    for secret in (NUMBER, NUMBER[1:], "15005550001", fake.TOKEN, "https://p/a/x"):
        assert secret not in told
