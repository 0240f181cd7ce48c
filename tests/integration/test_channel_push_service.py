"""The push channel against a push service over TLS that refuses what real ones refuse."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from notifications.channels.ports import Letter, Outcome, Verdict
from notifications.channels.push.composing import PushComposer
from notifications.channels.push.signing import new_keys
from notifications.channels.push.transport import PushTransport
from notifications.enums import Lane
from notifications.models import Message, MessageText
from notifications.providers import Provider
from tests.fakes.push import PushService
from tests.fakes.serving import served_as

MOZILLA = "https://updates.push.services.mozilla.com"
KEYS = new_keys()


def provider(**options: str) -> Provider:
    set_ = {
        "public_key": KEYS.public,
        "private_key": KEYS.private,
        "subject": "mailto:portal@capital.example",
    }
    return Provider("push", "webpush", {"name": "webpush", **set_, **options})


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    found = PushService(MOZILLA)
    with served_as(MOZILLA.removeprefix("https://"), found.take, tmp_path, monkeypatch):
        yield found


def letter_to(address: str, *, language: str = "ar", **parts: Any) -> Letter:
    message = Message(lane=Lane.CRISIS, expires_at=timezone.now() + timedelta(hours=2))
    text = MessageText(
        message=message, language=language, subject="فيضان", body="أخبرنا بحالك: {link}", sms=""
    )
    letter = PushComposer(text, provider()).fill(uuid.uuid4(), address, {"link": "https://p/a/x"})
    if not parts:
        return letter
    payload = {**json.loads(letter.payload), **parts}
    return Letter(letter.delivery_id, letter.address, json.dumps(payload).encode())


def sent(*letters: Letter, by: Provider | None = None) -> list[Outcome]:
    async def go() -> list[Outcome]:
        transport = PushTransport(by or provider())
        try:
            return await transport.send(letters)
        finally:
            await transport.close()

    return asyncio.run(go())


def test_a_notice_comes_to_the_browser_and_only_it_can_read_it(service: PushService):
    ours, other = service.subscribe(KEYS.public), service.subscribe(KEYS.public)
    letter = letter_to(ours.address)
    assert sent(letter) == [Outcome(Verdict.ACCEPTED)]
    (kept,) = service.waiting_for(ours)
    assert ours.read(kept.body) == {
        "title": "فيضان",
        "body": "فيضان\nأخبرنا بحالك:",
        "link": "https://p/a/x",
        "language": "ar",
        "direction": "rtl",
        "tag": letter.delivery_id.hex,
    }
    assert kept.headers["urgency"] == "high"
    assert 7190 <= int(kept.headers["ttl"]) <= 7200
    assert service.waiting_for(other) == []
    with pytest.raises(Exception, match="Decryption error"):
        other.read(kept.body)


def test_the_same_notice_again_takes_the_place_of_the_first(service: PushService):
    browser = service.subscribe(KEYS.public)
    letter = letter_to(browser.address)
    assert [one.verdict for one in sent(letter, letter)] == [Verdict.ACCEPTED] * 2
    assert sent(letter_to(browser.address)) == [Outcome(Verdict.ACCEPTED)]
    assert len(service.seen) == 3
    assert len(service.waiting_for(browser)) == 2


def test_a_browser_that_is_gone_is_given_up(service: PushService):
    withdrawn = service.subscribe(KEYS.public)
    service.unsubscribe(withdrawn)
    unknown = json.dumps({**withdrawn.subscription, "endpoint": f"{MOZILLA}/never"})
    outcomes = sent(letter_to(withdrawn.address), letter_to(unknown))
    assert outcomes == [Outcome(Verdict.FAILED, "gone", gone=True)] * 2


def test_a_busy_push_service_says_when_to_come_back(service: PushService):
    service.busy = "17"
    outcomes = sent(letter_to(service.subscribe(KEYS.public).address))
    assert outcomes == [Outcome(Verdict.RETRY, "push_429", retry_after=17)]


def test_a_browser_that_subscribed_with_other_keys_is_not_reached(service: PushService):
    """A change of the operator's keys is the operator's to mend: nobody is given up for it."""
    browser = service.subscribe(new_keys().public)
    assert sent(letter_to(browser.address)) == [Outcome(Verdict.RETRY, "push_refused_us_403")]


def test_a_signature_is_for_the_push_service_it_is_sent_to(
    service: PushService, monkeypatch: pytest.MonkeyPatch
):
    browser = service.subscribe(KEYS.public)
    monkeypatch.setattr(
        "notifications.channels.push.composing.Subscription.origin", "https://fcm.googleapis.com"
    )
    assert sent(letter_to(browser.address)) == [Outcome(Verdict.RETRY, "push_refused_us_403")]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"ttl": 29 * 24 * 3600}, "push_400"),
        ({"ttl": -1}, "push_400"),
        ({"urgency": "now"}, "push_400"),
        ({"notice": "x" * 4100}, "push_413"),
        ({"notice": "x" * 3994}, "push_413"),
    ],
)
def test_the_fake_refuses_what_push_services_refuse(
    service: PushService, parts: dict[str, Any], code: str
):
    browser = service.subscribe(KEYS.public)
    outcomes = sent(letter_to(browser.address, **parts))
    assert outcomes == [Outcome(Verdict.FAILED, code)]
    assert service.waiting_for(browser) == []


def test_the_largest_notice_is_taken(service: PushService):
    browser = service.subscribe(KEYS.public)
    assert sent(letter_to(browser.address, notice="x" * 3993)) == [Outcome(Verdict.ACCEPTED)]
    assert len(service.waiting_for(browser)[0].body) == 4096


def test_a_redirect_is_not_followed(service: PushService):
    browser = service.subscribe(KEYS.public)
    service.moved = "https://intranet.example/x"
    assert sent(letter_to(browser.address)) == [Outcome(Verdict.RETRY, "push_refused_us_307")]
    assert len(service.seen) == 1


def test_a_service_that_does_not_answer_leaves_a_doubt(service: PushService):
    browser = service.subscribe(KEYS.public)
    service.hangs_up = True
    assert sent(letter_to(browser.address)) == [Outcome(Verdict.UNCERTAIN, "push_unanswered")]
    assert len(service.seen) == 1


def test_an_address_that_is_not_allowed_any_more_is_not_sent_to(service: PushService):
    letter = letter_to(service.subscribe(KEYS.public).address)
    other = provider(hosts="fcm.googleapis.com")
    assert sent(letter, by=other) == [Outcome(Verdict.FAILED, "bad_address")]
    assert service.seen == []


def test_without_keys_nobody_is_given_up(service: PushService):
    letter = letter_to(service.subscribe(KEYS.public).address)
    unset = Provider("push", "webpush", {"name": "webpush"})
    assert sent(letter, by=unset) == [Outcome(Verdict.RETRY, "push_not_set")]


def test_nothing_of_a_subscription_is_logged(
    service: PushService, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    known, gone = service.subscribe(KEYS.public), service.subscribe(KEYS.public)
    service.unsubscribe(gone)
    letters = [letter_to(known.address), letter_to(gone.address)]
    outcomes = sent(*letters)
    told = caplog.text + repr(outcomes) + repr(letters) + repr(provider())
    for browser in (known, gone):
        assert browser.path not in told
        assert browser.subscription["keys"]["auth"] not in told
    assert KEYS.private not in told
