"""What mail services tell us: taken when they signed it, in words that cost nobody a warning."""

from __future__ import annotations

import json
import logging
import tempfile
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils.datastructures import CaseInsensitiveMapping

from notifications.channels.calls import (
    BODY_LIMIT,
    Call,
    Forged,
    ReceiptKind,
    Taken,
    Unnamed,
    Unreadable,
)
from notifications.channels.mail.services.catalogue import SERVICES
from notifications.channels.mail.webhooks import answer_challenge, body_limit, read_call
from notifications.providers import Provider
from tests.mail_services import (
    SIGNING_KEY,
    SendGridKey,
    Signed,
    basic,
    mailgun_call,
    postmark_call,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::anymail.exceptions.AnymailNotSupportedWarning",  # anymail's word on SendGrid
    # In production it is a warning only, and the call is taken.
    "ignore::anymail.exceptions.AnymailInsecureWebhookWarning",
)
ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
SECRET = "portal:hook"
SENDGRID = SendGridKey()
PERSON = "person@example.org"
ADDRESS = "https://portal.example/channels/mail/relay/"


def described(backend: str, **options: str) -> Provider:
    return Provider("mail", "relay", {"shape": "anymail", "backend": backend, **options})


PROVIDERS = {
    "mailgun": described("mailgun", api_key="k", webhook_signing_key=SIGNING_KEY),
    "postmark": described("postmark", server_token="k", webhook_secret=SECRET),
    "sendgrid": described(
        "sendgrid", api_key="k", tracking_webhook_verification_key=SENDGRID.public
    ),
}


def call_of(signed: Signed, url: str = ADDRESS) -> Call:
    headers, body = signed
    return Call(
        method="POST",
        url=url,
        headers=CaseInsensitiveMapping(headers),
        query=dict(parse_qsl(urlsplit(url).query)),
        body=body,
        received_at=datetime.now(UTC),
    )


def read(backend: str, signed: Signed, url: str = ADDRESS) -> Taken:
    return read_call(PROVIDERS[backend], call_of(signed, url))


def mailgun(event: str, **more: Any) -> Signed:
    return mailgun_call(
        {
            "event": event,
            "timestamp": 1795404692.5,
            "recipient": PERSON,
            "message": {"headers": {"message-id": "20261123.x@mail.capital.example"}},
            "user-variables": {"delivery_id": str(ONE)},
            **more,
        }
    )


def postmark(record: str, **more: Any) -> Signed:
    return postmark_call(
        {
            "RecordType": record,
            "MessageID": "m-1",
            "Email": PERSON,
            "Recipient": PERSON,
            "DeliveredAt": "2026-11-23T03:31:32Z",
            "Metadata": {"delivery_id": str(ONE)},
            **more,
        }
    )


def sendgrid(event: str, **more: Any) -> Signed:
    return SENDGRID.call(
        [
            {
                "event": event,
                "timestamp": 1795404692,
                "email": PERSON,
                "anymail_id": "a-1",
                "delivery_id": str(ONE),
                **more,
            }
        ]
    )


FAILED, BOUNCED = ReceiptKind.FAILED, ReceiptKind.BOUNCED


@pytest.mark.parametrize(
    ("backend", "signed", "kind"),
    [
        ("mailgun", mailgun("delivered"), ReceiptKind.DELIVERED),
        ("mailgun", mailgun("failed", severity="permanent", reason="bounce"), BOUNCED),
        ("mailgun", mailgun("failed", severity="permanent", reason="generic"), FAILED),
        ("mailgun", mailgun("failed", severity="temporary", reason="generic"), None),
        ("mailgun", mailgun("rejected", reject={"reason": "x"}), FAILED),
        ("mailgun", mailgun("complained"), ReceiptKind.COMPLAINED),
        ("mailgun", mailgun("opened"), None),
        ("postmark", postmark("Delivery"), ReceiptKind.DELIVERED),
        ("postmark", postmark("Bounce", Type="HardBounce"), BOUNCED),
        ("postmark", postmark("Bounce", Type="SoftBounce"), FAILED),
        ("postmark", postmark("Bounce", Type="Transient"), None),
        ("postmark", postmark("Bounce", Type="Blocked"), FAILED),
        ("postmark", postmark("Bounce", Type="BadEmailAddress"), BOUNCED),
        ("postmark", postmark("Bounce", Type="AutoResponder"), None),
        ("postmark", postmark("SpamComplaint", Type="SpamComplaint"), ReceiptKind.COMPLAINED),
        ("sendgrid", sendgrid("processed"), ReceiptKind.ACCEPTED),
        ("sendgrid", sendgrid("delivered"), ReceiptKind.DELIVERED),
        ("sendgrid", sendgrid("bounce", type="bounce", reason=f"550 {PERSON}"), BOUNCED),
        ("sendgrid", sendgrid("bounce", type="blocked"), FAILED),
        ("sendgrid", sendgrid("dropped", reason="Bounced Address"), FAILED),
        ("sendgrid", sendgrid("deferred"), None),
        ("sendgrid", sendgrid("spamreport"), ReceiptKind.COMPLAINED),
    ],
)
def test_what_an_event_says(backend: str, signed: Signed, kind: ReceiptKind | None):
    receipts = read(backend, signed).receipts
    assert [receipt.kind for receipt in receipts] == ([kind] if kind else [])
    for receipt in receipts:
        assert receipt.delivery_id == ONE
        assert receipt.provider_reference
        assert PERSON not in repr(receipt)


def test_the_services_time_and_reference_are_kept():
    [receipt] = read("mailgun", mailgun("delivered")).receipts
    assert receipt.at == datetime.fromtimestamp(1795404692.5, UTC)
    assert receipt.provider_reference == "<20261123.x@mail.capital.example>"


def test_an_event_about_what_is_not_ours_has_no_id():
    event = {"RecordType": "Delivery", "MessageID": "m-1", "Metadata": {"delivery_id": "; DROP"}}
    [receipt] = read("postmark", postmark_call(event)).receipts
    assert (receipt.delivery_id, receipt.provider_reference) == (None, "m-1")


def test_many_events_in_one_call():
    body = [json.loads(sendgrid(event)[1])[0] for event in ("processed", "open", "delivered")]
    kinds = [receipt.kind for receipt in read("sendgrid", SENDGRID.call(body)).receipts]
    assert kinds == [ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED]


def test_an_entry_that_cannot_be_read_holds_no_other_up():
    entries = [json.loads(sendgrid("delivered")[1])[0], {"email": PERSON}, 7, None]
    [receipt] = read("sendgrid", SENDGRID.call(entries)).receipts
    assert (receipt.kind, receipt.delivery_id) == (ReceiptKind.DELIVERED, ONE)


def _changed(signed: Signed) -> Signed:
    return signed[0], signed[1].replace(b"delivered", b"complained") + b" "


@pytest.mark.parametrize(
    ("backend", "signed"),
    [
        ("mailgun", mailgun_call({"event": "delivered"}, key="another")),
        ("mailgun", ({"Content-Type": "application/json"}, b'{"event-data": {}}')),
        ("mailgun", ({"Content-Type": "application/json"}, b"<html>")),
        ("mailgun", ({}, b"")),
        ("postmark", postmark_call({"RecordType": "Delivery"}, secret="portal:guess")),
        ("postmark", ({"Content-Type": "application/json"}, postmark("Delivery")[1])),
        ("postmark", ({"Authorization": "Basic !!!"}, postmark("Delivery")[1])),
        ("sendgrid", SendGridKey().call([{"event": "delivered"}])),
        ("sendgrid", _changed(sendgrid("delivered"))),
        ("sendgrid", ({"Content-Type": "application/json"}, sendgrid("delivered")[1])),
    ],
)
def test_what_is_not_signed_is_forged(backend: str, signed: Signed):
    with pytest.raises(Forged):
        read(backend, signed)


@pytest.mark.parametrize("name", sorted(SERVICES))
@pytest.mark.parametrize("url", [ADDRESS, f"{ADDRESS}?replies=1"])
def test_without_a_secret_nobody_is_believed(name: str, url: str):
    keys = dict.fromkeys(set(SERVICES[name].needs) - {SERVICES[name].receipts}, "k")
    for provider in (described(name, **keys), described(name)):
        with pytest.raises(Forged):
            read_call(provider, call_of(postmark("Delivery"), url))


def test_an_smtp_server_and_an_unknown_service_call_in_vain():
    for provider in (Provider("mail", "smtp", {}), described("pigeon", webhook_secret=SECRET)):
        with pytest.raises(Forged):
            read_call(provider, call_of(postmark("Delivery")))


@pytest.mark.parametrize(
    ("backend", "signed"),
    [
        ("mailgun", mailgun_call({})),
        ("postmark", (basic(SECRET), b"<html>")),
        ("postmark", (basic(SECRET), b"[[[[")),
        ("postmark", (basic(SECRET), b'{"RecordType": ["Delivery"]}')),
        ("postmark", (basic(SECRET), b"[" * 100_000)),
        ("sendgrid", SENDGRID.call([{"email": PERSON}])),
        ("sendgrid", SENDGRID.call([7])),  # type: ignore[list-item]
    ],
)
def test_what_is_signed_and_makes_no_sense_is_unreadable(
    backend: str, signed: Signed, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.DEBUG), pytest.raises(Unreadable) as raised:
        read(backend, signed)
    assert PERSON not in caplog.text
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


# Replies.
QUOTED = f"1 SAFE\n\nOn 23 Nov, Consular <c@x.example> wrote:\n> Answer 2 for help\n> {ONE}"


def inbound(headers: dict[str, str] | None = None, text: str = QUOTED) -> dict[str, Any]:
    named = {"In-Reply-To": f"<{ONE}@mail.capital.example>", **(headers or {})}
    return {
        "FromFull": {"Email": PERSON, "Name": "A Person"},
        "ToFull": [{"Email": "consular@mail.capital.example", "Name": ""}],
        "Subject": "Re: Flood",
        "MessageID": "in-1",
        "TextBody": text,
        "HtmlBody": "<p>2 HELP</p>",
        "Headers": [{"Name": name, "Value": value} for name, value in named.items()],
        "Attachments": [
            {"Name": "a.exe", "Content": "TVo=", "ContentType": "application/octet-stream"}
        ],
    }


def replied(event: dict[str, Any]) -> Taken:
    return read("postmark", postmark_call(event), f"{ADDRESS}?replies=1")


def test_a_reply_is_taken_without_what_it_quotes():
    [reply] = replied(inbound()).replies
    assert (reply.sender, reply.text) == (PERSON, "1 SAFE")
    assert (reply.channel, reply.provider, reply.provider_reference) == (
        "mail",
        "mail.relay",
        "in-1",
    )
    assert reply.in_reply_to == ONE
    assert PERSON not in repr(reply)


def test_a_reply_without_plain_text_says_nothing():
    [reply] = replied(inbound(text="")).replies
    assert reply.text == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X-Autoreply": "yes"},
        {"Return-Path": "<>", "X-Failed-Recipients": PERSON},
    ],
)
def test_what_a_machine_wrote_is_nobodys_answer(headers: dict[str, str]):
    assert replied(inbound(headers)).replies == []


def mailgun_reply(sign: Callable[[], Signed], sender: str = PERSON) -> Signed:
    """Mailgun's inbound call is a form, with the signature among its fields."""
    block = json.loads(sign()[1])["signature"]
    fields = {
        **block,
        "sender": PERSON,
        "recipient": "consular@mail.capital.example",
        "message-headers": json.dumps([["From", sender], ["Subject", "Re: Flood"]]),
        "body-plain": QUOTED,
        "stripped-text": "1 SAFE",
    }
    return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(fields).encode()


def test_a_reply_by_a_form():
    [reply] = read("mailgun", mailgun_reply(lambda: mailgun("x")), f"{ADDRESS}?replies=1").replies
    assert (reply.sender, reply.text) == (PERSON, "1 SAFE")
    forged = mailgun_reply(lambda: mailgun_call({}, key="another"))
    with pytest.raises(Forged):
        read("mailgun", forged, f"{ADDRESS}?replies=1")


@pytest.mark.parametrize("sender", ["a@x.example, b@x.example", ""])
def test_a_reply_of_two_senders_or_none_is_nobodys(sender: str):
    signed = mailgun_reply(lambda: mailgun("x"), sender)
    assert read("mailgun", signed, f"{ADDRESS}?replies=1").replies == []


def test_a_service_that_asks_whether_we_are_there_is_answered():
    assert answer_challenge(PROVIDERS["mailgun"], call_of(({}, b""))) == b""
    with pytest.raises(Forged):
        answer_challenge(Provider("mail", "smtp", {}), call_of(({}, b"")))


def test_a_receipt_at_the_replies_address_is_unreadable():
    with pytest.raises(Unreadable):
        read("postmark", postmark("Delivery"), f"{ADDRESS}?replies=1")


def test_files_of_a_reply_are_never_fetched():
    """Brevo names an attachment by a token for which anymail would connect to it."""
    provider = described("brevo", api_key="k", webhook_secret=SECRET, api_url="http://127.0.0.1:1")
    item = {
        "Uuid": ["in-1"],
        "Headers": {"From": PERSON, "Subject": "Re: Flood"},
        "RawTextBody": "1",
        "Attachments": [{"Name": "a", "DownloadToken": "t", "ContentType": "text/plain"}],
    }
    signed = postmark_call({"items": [item]}, SECRET)
    [reply] = read_call(provider, call_of(signed, f"{ADDRESS}?replies=1")).replies
    assert reply.text == "1"


def test_what_was_written_below_the_quotation_is_not_lost_by_the_services_cutting():
    event = inbound() | {
        "TextBody": "1 SAFE\n> Are you safe?\nnot my son",
        "StrippedTextReply": "1",
    }
    [reply] = replied(event).replies
    assert reply.text == "1 SAFE\n↓\nnot my son"


def test_files_in_a_form_are_thrown_away_as_they_are_read(monkeypatch: pytest.MonkeyPatch):
    """A mail with a photograph, as Mailgun and SendGrid post it: none of it reaches a disk."""
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", None)
    provider = described("sendgrid", api_key="k", webhook_secret=SECRET)
    photograph = SimpleUploadedFile("roof.jpg", b"\xff" * 7_000_000, "image/jpeg")
    fields = {
        "headers": f"From: {PERSON}\r\nSubject: Re: Flood\r\n",
        "text": "2",
        "attachments": "1",
        "attachment-info": json.dumps({"attachment1": {"filename": "roof.jpg"}}),
        "attachment1": photograph,
    }
    headers = {"Content-Type": MULTIPART_CONTENT, **basic(SECRET)}
    signed = headers, encode_multipart(BOUNDARY, fields)
    call = call_of(signed, f"{ADDRESS}?replies=1")
    assert body_limit(provider, call) > len(call.body)
    [reply] = read_call(provider, call).replies
    assert (reply.sender, reply.text) == (PERSON, "2")


@pytest.mark.parametrize(("name", "error"), [("", Unnamed), ("x:y", Forged), ("é", Forged)])
def test_a_large_body_is_read_only_for_who_may_have_sent_it(name: str, error: type[Exception]):
    for url in (ADDRESS, f"{ADDRESS}?replies=1"):
        call = call_of((basic(name) if name else {}, b""), url)
        with pytest.raises(error) as found:
            body_limit(PROVIDERS["postmark"], call)
        assert found.type is error
    with pytest.raises(Forged):
        body_limit(described("postmark", server_token="k"), call)


def test_receipts_may_be_shorter_than_replies():
    limits = [
        body_limit(PROVIDERS["mailgun"], call_of(({}, b""), url))
        for url in (ADDRESS, f"{ADDRESS}?replies=1")
    ]
    assert BODY_LIMIT < limits[0] < 25_000_000 < limits[1] < 50_000_000
