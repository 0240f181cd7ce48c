"""The SMS channel against a real HTTP gateway."""

from __future__ import annotations

import asyncio
import json
import uuid

from notifications.channels.ports import Letter, Outcome, Verdict
from notifications.channels.sms.transport import SmsTransport
from notifications.providers import providers_of
from tests.sinks import Sinks


def letter() -> Letter:
    reference = uuid.uuid4()
    fields = {
        "to": "+9779800000000",
        "text": "مرحبا 🌊",
        "sender": "S",
        "reference": str(reference),
    }
    return Letter(reference, fields["to"], json.dumps(fields).encode())


def test_the_same_letter_again_is_the_same_message_to_the_gateway(sinks: Sinks):
    one = letter()

    async def go() -> list[Outcome]:
        transport = SmsTransport(providers_of("sms")[0])
        try:
            first = await transport.send([one])
            return first + await transport.send([one])
        finally:
            await transport.close()

    first, second = asyncio.run(go())
    assert first.verdict is second.verdict is Verdict.ACCEPTED
    assert first.reference == second.reference == "sink-1"
    counts = sinks.counts()
    assert (counts["sms"], counts["repeated_keys"]) == (1, 1)
    assert sinks.messages()[0]["body"] == "مرحبا 🌊"


def test_the_gateway_is_asked_by_our_reference(sinks: Sinks):
    known, unknown = letter(), letter()

    async def go() -> list[Outcome]:
        transport = SmsTransport(providers_of("sms")[0])
        try:
            await transport.send([known])
            return await transport.look_up([known.delivery_id, unknown.delivery_id])
        finally:
            await transport.close()

    assert [one.verdict for one in asyncio.run(go())] == [Verdict.ACCEPTED, Verdict.FAILED]


def test_without_a_gateway_nobody_is_given_up(settings):
    settings.CHANNEL_PROVIDERS = {"sms": [{"name": "gateway"}]}

    async def go() -> list[Outcome]:
        transport = SmsTransport(providers_of("sms")[0])
        try:
            return await transport.send([letter()])
        finally:
            await transport.close()

    assert asyncio.run(go()) == [Outcome(Verdict.RETRY, "gateway_not_set")]
