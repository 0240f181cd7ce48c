"""Twilio's shape: what is posted, what its answers mean, and whose receipts are believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from pytest_django import Settings

from notifications.channels.calls import Call, Forged, ReceiptKind, Taken, Unreadable
from notifications.channels.ports import Fault, Verdict
from notifications.channels.sms.composing import SmsComposer
from notifications.channels.sms.shapes.twilio import outcome_of
from notifications.channels.sms.transport import check_config
from notifications.channels.sms.webhooks import read_call
from notifications.models import MessageText
from notifications.providers import Provider

ACCOUNT = "AC" + "0" * 32
OPTIONS = {"name": "twilio", "shape": "twilio", "account": ACCOUNT, "token": "12345"}
TWILIO = Provider("sms", "twilio", OPTIONS)
ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
HOOK = "https://portal.example/channels/sms/twilio/"


def refusal(code: int) -> bytes:
    return json.dumps({"code": code, "message": "+9779800000000 is not...", "status": 400}).encode()


def posted(options: dict[str, str], settings: Settings) -> dict[str, str]:
    settings.PORTAL_URL = "https://portal.example"
    text = MessageText(language="en", subject="s", body="b", sms="Flood & fire: ñ 🌊")
    letter = SmsComposer(text, Provider("sms", "twilio", options)).fill(ONE, "+9779800000000", {})
    return dict(parse_qsl(letter.payload.decode()))


def test_what_is_posted(settings: Settings):
    assert posted({**OPTIONS, "sender": "+15005550006"}, settings) == {
        "To": "+9779800000000",
        "From": "+15005550006",
        "Body": "Flood & fire: ñ 🌊",
        "StatusCallback": f"{HOOK}?delivery={ONE}",
    }


def test_a_messaging_service_chooses_the_sender(settings: Settings):
    fields = posted({**OPTIONS, "sender": "+15005550006", "service": "MG1"}, settings)
    assert fields["MessagingServiceSid"] == "MG1"
    assert "From" not in fields


@pytest.mark.parametrize(
    ("status", "body", "verdict", "code"),
    [
        (201, b'{"sid": "SM1", "status": "queued"}', Verdict.ACCEPTED, ""),
        (201, b"{}", Verdict.UNCERTAIN, "twilio_garbled"),
        (200, b"<html>Welcome</html>", Verdict.UNCERTAIN, "twilio_garbled"),
        (200, b"", Verdict.UNCERTAIN, "twilio_garbled"),
        (400, refusal(21211), Verdict.FAILED, "twilio_21211"),
        (400, refusal(21610), Verdict.FAILED, "twilio_21610"),
        (400, refusal(21614), Verdict.FAILED, "twilio_21614"),
        (429, refusal(20429), Verdict.RETRY, "twilio_20429"),
        (429, b"", Verdict.RETRY, "twilio_429"),
        (400, refusal(30001), Verdict.RETRY, "twilio_30001"),
        (400, refusal(21611), Verdict.RETRY, "twilio_21611"),
        (401, refusal(20003), Verdict.RETRY, "twilio_refused_us_20003"),
        (400, refusal(21606), Verdict.RETRY, "twilio_refused_us_21606"),
        (400, refusal(99999), Verdict.RETRY, "twilio_refused_us_99999"),
        (400, b"<html>Bad Request</html>", Verdict.RETRY, "twilio_garbled_400"),
        (404, b"", Verdict.RETRY, "twilio_refused_us_404"),
        (503, b"", Verdict.RETRY, "twilio_503"),
        (500, refusal(20500), Verdict.UNCERTAIN, "twilio_500"),
        (502, b"<html>", Verdict.UNCERTAIN, "twilio_502"),
        (504, b"", Verdict.UNCERTAIN, "twilio_504"),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, verdict: Verdict, code: str):
    found = outcome_of(status, body)
    assert (found.verdict, found.code) == (verdict, code)


def test_what_is_kept_of_an_answer():
    assert outcome_of(201, b'{"sid": "SM1"}').reference == "SM1"
    assert outcome_of(429, refusal(20429), "7").retry_after == 7


def test_one_country_that_is_not_allowed_is_no_sign_that_twilio_fails():
    assert outcome_of(400, refusal(21408)).fault is Fault.RECIPIENT
    assert outcome_of(400, refusal(21606)).fault is Fault.PROVIDER


def test_the_configuration_is_checked(settings: Settings):
    settings.PORTAL_URL = "https://portal.example"
    assert check_config(TWILIO) == []
    bare = check_config(Provider("sms", "twilio", {"shape": "twilio"}))
    assert [problem.split()[0] for problem in bare] == ["SMS_TWILIO_ACCOUNT", "SMS_TWILIO_TOKEN"]
    settings.PORTAL_URL = "http://127.0.0.1:8000"
    [problem] = check_config(TWILIO)
    assert "PORTAL_URL" in problem


def sign(url: str, fields: dict[str, str], token: str = "12345") -> str:
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def called(
    fields: dict[str, str],
    *,
    delivery: str = str(ONE),
    signature: str | None = None,
    provider: Provider = TWILIO,
    body: bytes | None = None,
) -> Taken:
    url = f"{HOOK}?delivery={delivery}" if delivery else HOOK
    signature = sign(url, fields) if signature is None else signature
    return read_call(
        provider,
        Call(
            method="POST",
            url=url,
            headers={"X-Twilio-Signature": signature},
            query={"delivery": delivery} if delivery else {},
            body=urlencode(fields).encode() if body is None else body,
            received_at=datetime.now(UTC),
        ),
    )


def test_the_signature_is_twilios():
    """The example of Twilio's own documentation, "Validating signatures from Twilio"."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    call = Call(
        method="POST",
        url=url,
        headers={"X-Twilio-Signature": "GvWf1cFY/Q7PnoempGyD5oXAezc="},
        query={},
        body=urlencode(fields).encode(),
        received_at=datetime.now(UTC),
    )
    assert read_call(TWILIO, call).receipts == ()
    with pytest.raises(Forged):
        read_call(TWILIO, replace(call, url=url.replace("foo=1", "foo=2")))


@pytest.mark.parametrize(
    ("status", "error", "kind", "code"),
    [
        ("queued", "", ReceiptKind.ACCEPTED, ""),
        ("sent", "", ReceiptKind.ACCEPTED, ""),
        ("delivered", "", ReceiptKind.DELIVERED, ""),
        ("undelivered", "30003", ReceiptKind.FAILED, "twilio_30003"),
        ("undelivered", "30005", ReceiptKind.BOUNCED, "twilio_30005"),
        ("failed", "", ReceiptKind.FAILED, "twilio_failed"),
        ("failed", "9779800000000", ReceiptKind.FAILED, "twilio_failed"),
    ],
)
def test_a_receipt_is_read(status: str, error: str, kind: ReceiptKind, code: str):
    fields = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": error}
    [receipt] = called(fields).receipts
    assert (receipt.kind, receipt.delivery_id, receipt.code) == (kind, ONE, code)
    assert receipt.provider_reference == "SM1"


def test_an_answer_is_read():
    fields = {"MessageSid": "SM9", "From": "+9779800000000", "To": "+1", "Body": "STOP"}
    taken = called(fields, delivery="")
    [reply] = taken.replies
    assert (reply.sender, reply.text) == ("+9779800000000", "STOP")
    assert (reply.provider, reply.provider_reference) == ("sms.twilio", "SM9")
    assert (taken.answer, taken.content_type) == (b"<Response/>", "text/xml")


def test_what_says_nothing_of_ours_is_passed_over():
    assert called({"MessageStatus": "delivered"}, delivery="").receipts == []
    assert called({"MessageStatus": "dancing", "MessageSid": "SM1"}).receipts == []
    assert called({"From": "SERVICE", "Body": "Hi", "MessageSid": "SM1"}).replies == []
    assert called({"hello": "world"}).replies == []


FIELDS = {"MessageSid": "SM1", "MessageStatus": "delivered"}


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "not base64!",
        "ÄÖ",
        sign(f"{HOOK}?delivery={ONE}", FIELDS, token="another"),
        # Of the same call about another delivery.
        sign(f"{HOOK}?delivery={uuid.UUID(int=1)}", FIELDS),
        sign(f"{HOOK}?delivery={ONE}", {**FIELDS, "MessageStatus": "failed"}),
    ],
)
def test_a_forged_call_is_refused(signature: str):
    with pytest.raises(Forged):
        called(FIELDS, signature=signature)


def test_without_a_token_nobody_is_believed():
    nobody = Provider("sms", "twilio", {"shape": "twilio"})
    with pytest.raises(Forged):
        called(FIELDS, provider=nobody, signature=sign(f"{HOOK}?delivery={ONE}", FIELDS, token=""))


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&".join(b"a%d=1" % i for i in range(1000))])
def test_what_is_no_form_is_refused(body: bytes):
    with pytest.raises(Unreadable):
        called({}, body=body)
