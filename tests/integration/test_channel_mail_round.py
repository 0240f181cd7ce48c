"""A notice over a mail service and back: sent, told of by the service, answered by mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from notifications import engine
from notifications.enums import DeliveryState
from notifications.models import Delivery, Message
from notifications.ports import Inbound, bind_inbound, inbound_handler
from notifications.templates import TextOf
from tests import mail_services
from tests.factories.deliveries import bound_source, freeze_to, make_message, recipients
from tests.mail_services import KEY, SIGNING_KEY, Service, mailgun_call

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/channels/mail/relay/"


class Handler:
    def __init__(self) -> None:
        self.replies: list[Inbound] = []
        self.told: list[str] = []

    def reply(self, inbound: Inbound) -> None:
        self.replies.append(inbound)

    def undeliverable(self, delivery_ids: object, kind: str) -> None:
        self.told.append(str(kind))


@pytest.fixture
def handler() -> Iterator[Handler]:
    before, found = inbound_handler(), Handler()
    bind_inbound(found)
    yield found
    if before is not None:
        bind_inbound(before)


@pytest.fixture
def relay(settings: Settings) -> Iterator[Service]:
    with mail_services.serve("mailgun") as service, bound_source():
        described = {
            "name": "relay",
            "shape": "anymail",
            "backend": "mailgun",
            "api_key": KEY,
            "webhook_signing_key": SIGNING_KEY,
            "api_url": f"{service.url}/v3",
            "sender": "consular@mail.capital.example",
        }
        settings.CHANNEL_PROVIDERS = {**settings.CHANNEL_PROVIDERS, "mail": [described]}
        yield service


def sent(number: int = 3) -> list[Delivery]:
    message = make_message()
    freeze_to(message, recipients(number), channels=["mail"])
    engine.drain()
    return list(message.deliveries.order_by("pk"))


def tell(event: str, row: Delivery, **more: object) -> int:
    said = {"event": event, "timestamp": 1795404692, "user-variables": {"delivery_id": str(row.pk)}}
    headers, body = mailgun_call({**said, **more})
    return Client().post(ADDRESS, body, content_type=headers["Content-Type"]).status_code


def test_what_the_service_says_moves_the_delivery(relay: Service, handler: Handler):
    rows = sent()
    assert {row.state for row in rows} == {DeliveryState.ACCEPTED}
    assert {row.provider for row in rows} == {"mail.relay"}
    assert all(row.provider_reference for row in rows)
    arrived, gone, busy = rows
    assert tell("delivered", arrived) == 200
    assert tell("failed", gone, severity="permanent", reason="bounce") == 200
    assert tell("failed", busy, severity="temporary", reason="generic") == 200
    states = {row.pk: row.state for row in Delivery.objects.all()}
    assert states[arrived.pk] == DeliveryState.DELIVERED
    assert states[gone.pk] == DeliveryState.FAILED
    assert states[busy.pk] == DeliveryState.ACCEPTED
    assert handler.told == ["bounced"]


def test_a_receipt_that_is_not_signed_moves_nothing(relay: Service, handler: Handler):
    [row] = sent(1)
    headers, body = mailgun_call(
        {"event": "failed", "user-variables": {"delivery_id": str(row.pk)}}, key="another"
    )
    assert Client().post(ADDRESS, body, content_type=headers["Content-Type"]).status_code == 403
    row.refresh_from_db()
    assert row.state == DeliveryState.ACCEPTED


def test_an_answer_by_mail_reaches_whoever_takes_answers(relay: Service, handler: Handler):
    block = json.loads(mailgun_call({})[1])["signature"]
    fields = {
        **block,
        "message-headers": json.dumps([["From", "A <a@example.org>"], ["Subject", "Re: Flood"]]),
        "body-plain": "SAFE 7K2M\n\nOn Monday, Consular wrote:\n> HELP",
    }
    form = "application/x-www-form-urlencoded"
    path = f"{ADDRESS}?replies=1"
    assert Client().post(path, urlencode(fields), content_type=form).status_code == 200
    [reply] = handler.replies
    assert (reply.sender, reply.text, reply.provider) == (
        "a@example.org",
        "SAFE 7K2M",
        "mail.relay",
    )


def test_where_the_service_refuses_us_nobody_is_given_up(relay: Service, settings: Settings):
    settings.CHANNEL_PROVIDERS["mail"][0]["api_key"] = "revoked meanwhile"
    assert {row.state for row in sent()} == {DeliveryState.QUEUED}
    assert relay.taken == []


def test_a_text_of_two_megabytes_is_refused_before_anybody_is_asked_to_approve_it():
    text = TextOf("en", "Flood", "a" * 2_000_000, "")
    with pytest.raises(ValidationError, match="too long"):
        make_message(texts=[text])
    assert not Message.objects.exists()
