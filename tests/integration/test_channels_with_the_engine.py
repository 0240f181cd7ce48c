"""Browsers, WhatsApp and Telegram from freeze to receipt and reply, through the engine and the
address that providers call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from micic_portal.demo.sinks import telegram as telegram_fake
from micic_portal.demo.sinks import whatsapp as whatsapp_fake
from notifications import engine, ports
from notifications.channels.push.signing import new_keys
from notifications.channels.references import kept_reference
from notifications.links import link_for
from notifications.models import Delivery, Message
from notifications.ports import Inbound, Opened, Undeliverable
from tests.factories.deliveries import (
    VALUES,
    FakeSource,
    bound_source,
    freeze_to,
    make_message,
    recipients,
    states,
)
from tests.fakes.push import PushService
from tests.fakes.serving import served_as
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, CHAT = "+9779800000000", "5000000001"
SECRET = "a-secret-of-the-webhook"
KEYS = new_keys()
MOZILLA = "https://updates.push.services.mozilla.com"


class Handler:
    def __init__(self) -> None:
        self.replies: list[Inbound] = []
        self.told: list[tuple[list[UUID], Undeliverable]] = []

    def reply(self, inbound: Inbound) -> None:
        self.replies.append(inbound)

    def undeliverable(self, delivery_ids: Sequence[UUID], kind: Undeliverable) -> None:
        self.told.append((list(delivery_ids), kind))


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Handler:
    found = Handler()
    monkeypatch.setattr(ports, "_inbound", [found])
    return found


@pytest.fixture
def source() -> Iterator[FakeSource]:
    with bound_source() as source:
        yield source


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    found = PushService(MOZILLA)
    with served_as(MOZILLA.removeprefix("https://"), found.take, tmp_path, monkeypatch):
        yield found


def sent_to(
    source: FakeSource, channel: str, addresses: Sequence[str], language: str = "en"
) -> tuple[Message, list[Delivery]]:
    """A message, sent to these addresses; its rows in their order."""
    message = make_message()
    ids = recipients(len(addresses))
    for one, address in zip(ids, addresses, strict=True):
        source.answers[one] = Opened(address, language, VALUES)
    freeze_to(message, ids, channels=[channel], languages=[language])
    engine.drain()
    rows = {row.recipient_id: row for row in Delivery.objects.filter(message=message)}
    return message, [rows[one] for one in ids]


def by_push(settings: Settings) -> None:
    subject = "mailto:portal@capital.example"
    keys = {"public_key": KEYS.public, "private_key": KEYS.private, "subject": subject}
    settings.CHANNEL_PROVIDERS = {"push": [{"name": "webpush", **keys}]}


def test_a_browser_is_notified_and_can_read_it(
    service: PushService, source: FakeSource, settings: Settings
):
    by_push(settings)
    browser = service.subscribe(KEYS.public)
    message, (row,) = sent_to(source, "push", [browser.address], "ar")
    assert states(message) == {"accepted": 1}
    (kept,) = service.waiting_for(browser)
    assert browser.read(kept.body) == {
        "title": "فيضان في Kathmandu",
        "body": "Kathmandu",
        "language": "ar",
        "direction": "rtl",
        "tag": row.pk.hex,
        "link": link_for(row.pk),
    }
    assert kept.headers["urgency"] == "high"
    assert 3500 < int(kept.headers["ttl"]) <= 3600


def test_the_floor_above_is_told_whose_browser_is_gone(
    service: PushService, source: FakeSource, settings: Settings, handler: Handler
):
    by_push(settings)
    here, gone = service.subscribe(KEYS.public), service.subscribe(KEYS.public)
    service.unsubscribe(gone)
    outside = json.dumps({**here.subscription, "endpoint": "https://intranet.example/x"})
    message, rows = sent_to(source, "push", [here.address, gone.address, outside])
    assert states(message) == {"accepted": 1, "failed": 2}
    assert [row.error_code for row in rows] == ["", "gone", "bad_address"]
    assert handler.told == [([rows[1].pk], Undeliverable.BOUNCED)]


def test_sending_goes_on_when_the_floor_above_fails(
    service: PushService,
    source: FakeSource,
    settings: Settings,
    handler: Handler,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def fail(*_: object) -> None:
        raise RuntimeError("somebody@example.org")

    by_push(settings)
    monkeypatch.setattr(handler, "undeliverable", fail)
    gone = service.subscribe(KEYS.public)
    service.unsubscribe(gone)
    message, _ = sent_to(source, "push", [gone.address])
    assert states(message) == {"failed": 1}
    assert "RuntimeError" in caplog.text
    assert "somebody" not in caplog.text


def by_whatsapp(settings: Settings, sinks: Sinks) -> None:
    described = {
        "name": "meta",
        "base": sinks.base,
        "phone_number_id": whatsapp_fake.NUMBER_ID,
        "token": whatsapp_fake.TOKEN,
        "template": whatsapp_fake.TEMPLATE,
        "template_languages": "es,en=en_US,fr,ar",
        "app_secret": whatsapp_fake.APP_SECRET,
        "verify_token": "a-word-of-ours",
    }
    settings.CHANNEL_PROVIDERS = {"whatsapp": [described]}


def from_meta(client: Client, body: bytes, signature: str | None = None) -> int:
    return client.post(
        "/channels/whatsapp/meta/",
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": signature or whatsapp_fake.signature_of(body)},
    ).status_code


def test_a_whatsapp_message_is_sent_received_and_answered(
    sinks: Sinks, source: FakeSource, settings: Settings, handler: Handler, client: Client
):
    by_whatsapp(settings, sinks)
    _, (row,) = sent_to(source, "whatsapp", [NUMBER])
    assert row.state == "accepted"
    (message,) = sinks.messages()
    assert message["reference"] == str(row.pk)
    assert message["body"] == f"Flood in Kathmandu\nKathmandu!\n{link_for(row.pk)}"
    theirs = whatsapp_fake.message_id(NUMBER)
    status = {"id": theirs, "status": "read", "biz_opaque_callback_data": str(row.pk)}
    body = whatsapp_fake.call_about(statuses=[status])
    assert from_meta(client, body, "sha256=" + "0" * 64) == 403
    row.refresh_from_db()
    assert row.state == "accepted"
    assert from_meta(client, body) == 200
    row.refresh_from_db()
    assert row.state == "delivered"
    told = {"from": NUMBER[1:], "id": "wamid.in", "type": "text", "text": {"body": "AYUDA"}}
    answer = whatsapp_fake.call_about(messages=[{**told, "context": {"id": theirs}}])
    assert from_meta(client, answer) == 200
    (reply,) = handler.replies
    assert (reply.sender, reply.text, reply.in_reply_to) == (NUMBER, "AYUDA", row.pk)


def test_nothing_that_is_kept_tells_the_number(
    sinks: Sinks, source: FakeSource, settings: Settings
):
    by_whatsapp(settings, sinks)
    _, (row,) = sent_to(source, "whatsapp", [NUMBER])
    assert len(row.provider_reference) == 22
    assert not row.provider_reference.startswith("wamid")


def test_the_floor_above_is_told_who_is_not_on_whatsapp(
    sinks: Sinks, source: FakeSource, settings: Settings, handler: Handler
):
    by_whatsapp(settings, sinks)
    _, (row,) = sent_to(source, "whatsapp", ["+15005550001"])
    assert (row.state, row.error_code) == ("failed", "whatsapp_131026")
    assert handler.told == [([row.pk], Undeliverable.BOUNCED)]


def test_it_is_told_as_well_when_meta_finds_out_later(
    sinks: Sinks,
    source: FakeSource,
    settings: Settings,
    handler: Handler,
    live_server: LiveServer,
):
    by_whatsapp(settings, sinks)
    sinks.ask("/control/whatsapp", url=f"{live_server.url}/channels/whatsapp/meta/")
    sinks.play(receipt_failed_percent=100, receipt_seconds=0)
    _, (row,) = sent_to(source, "whatsapp", [NUMBER])
    wait_until(lambda: sinks.counts()["receipts"] == 1)
    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "whatsapp_131026")
    assert handler.told == [([row.pk], Undeliverable.BOUNCED)]


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_meta_is_answered_when_it_asks_whether_we_are_there(
    sinks: Sinks, settings: Settings, client: Client
):
    by_whatsapp(settings, sinks)
    asked = {"hub.mode": "subscribe", "hub.verify_token": "a-word-of-ours", "hub.challenge": "42"}
    answer = client.get("/channels/whatsapp/meta/", asked)
    assert (answer.status_code, answer.content) == (200, b"42")
    wrong = client.get("/channels/whatsapp/meta/", {**asked, "hub.verify_token": "x"})
    assert wrong.status_code == 403


def by_telegram(settings: Settings, sinks: Sinks) -> None:
    described = {"name": "bot", "base": sinks.base, "token": telegram_fake.TOKEN}
    settings.CHANNEL_PROVIDERS = {"telegram": [{**described, "webhook_secret": SECRET}]}


def from_telegram(client: Client, body: bytes, secret: str = SECRET) -> int:
    return client.post(
        "/channels/telegram/bot/",
        body,
        content_type="application/json",
        headers={"X-Telegram-Bot-Api-Secret-Token": secret},
    ).status_code


def test_a_telegram_message_is_sent_and_answered(
    sinks: Sinks, source: FakeSource, settings: Settings, handler: Handler, client: Client
):
    by_telegram(settings, sinks)
    _, (row, blocked) = sent_to(source, "telegram", [CHAT, "1"])
    assert (row.state, blocked.state) == ("accepted", "failed")
    assert handler.told == [([blocked.pk], Undeliverable.BOUNCED)]
    (message,) = sinks.messages()
    assert message["to"] == CHAT
    assert link_for(row.pk) in message["body"]
    assert row.provider_reference == kept_reference("telegram", CHAT, "1")
    body = telegram_fake.update_of(7, int(CHAT), text="1", reply_to_message={"message_id": 1})
    assert from_telegram(client, body, "wrong") == 403
    assert handler.replies == []
    assert from_telegram(client, body) == 200
    (reply,) = handler.replies
    assert (reply.sender, reply.text, reply.in_reply_to) == (CHAT, "1", row.pk)


def test_somebody_writes_to_the_bot_and_to_our_number(
    sinks: Sinks, settings: Settings, handler: Handler, live_server: LiveServer
):
    by_whatsapp(settings, sinks)
    meta = settings.CHANNEL_PROVIDERS
    by_telegram(settings, sinks)
    settings.CHANNEL_PROVIDERS = {**settings.CHANNEL_PROVIDERS, **meta}
    channels = f"{live_server.url}/channels"
    sinks.ask("/control/whatsapp", url=f"{channels}/whatsapp/meta/")
    sinks.ask("/control/telegram", url=f"{channels}/telegram/bot/", secret=SECRET)
    asked = {"from": NUMBER, "text": "أنا بخير"}
    assert sinks.ask("/control/whatsapp/inbound", **asked) == {"status": 200}
    asked = {"from": CHAT, "text": "/start q8ZxK2"}
    assert sinks.ask("/control/telegram/inbound", **asked) == {"status": 200}
    first, second = handler.replies
    assert (first.channel, first.sender, first.text) == ("whatsapp", NUMBER, "أنا بخير")
    assert (second.channel, second.sender, second.text) == ("telegram", CHAT, "/start q8ZxK2")


def test_a_number_in_another_chat_is_another_message(
    sinks: Sinks, source: FakeSource, settings: Settings, handler: Handler, client: Client
):
    by_telegram(settings, sinks)
    sent_to(source, "telegram", [CHAT])
    body = telegram_fake.update_of(8, 5_000_000_002, text="1", reply_to_message={"message_id": 1})
    assert from_telegram(client, body) == 200
    assert [reply.in_reply_to for reply in handler.replies] == [None]
