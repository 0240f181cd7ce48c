"""What a plain gateway tells us: believed only if it has signed it, and just now."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from notifications.channels.calls import Call, Forged, Receipt, ReceiptKind, Taken, Unreadable
from notifications.channels.sms import reading
from notifications.channels.sms.webhooks import read_call
from notifications.providers import Provider

SECRET = "the gateway's and ours"
GATEWAY = Provider("sms", "gateway", {"name": "gateway", "webhook_secret": SECRET})
ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def called(
    told: Any,
    *,
    body: bytes | None = None,
    age: float = 0,
    stamp: str | None = None,
    provider: Provider = GATEWAY,
    secret: str = SECRET,
    headers: dict[str, str] | None = None,
) -> Taken:
    body = json.dumps(told).encode() if body is None else body
    stamp = str(int(NOW.timestamp() - age)) if stamp is None else stamp
    signed = stamp.encode() + b"." + body
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    given = {"X-Timestamp": stamp, "X-Signature": f"sha256={signature}"}
    url = "https://portal.example/channels/sms/gateway/"
    return read_call(provider, Call("POST", url, given | (headers or {}), {}, body, NOW))


def receipts(*entries: dict[str, Any]) -> list[Receipt]:
    return list(called({"receipts": list(entries)}).receipts)


def test_many_receipts_come_in_one_call():
    at = "2027-03-01T11:59:58+00:00"
    found = receipts(
        {"reference": str(ONE), "id": "g-1", "status": "delivered", "at": at},
        {"id": "g-2", "status": "accepted"},
        {"id": 3, "status": "failed", "code": "+9779800000000"},
        {"id": "g-4", "status": "no_such_number"},
    )
    assert found == [
        Receipt(ReceiptKind.DELIVERED, ONE, "g-1", at=datetime.fromisoformat(at)),
        Receipt(ReceiptKind.ACCEPTED, None, "g-2"),
        Receipt(ReceiptKind.FAILED, None, "3", "gateway_failed"),
        Receipt(ReceiptKind.BOUNCED, None, "g-4", "gateway_no_such_number"),
    ]


def test_an_answer_is_read():
    told = {"id": "in-1", "from": "977 980-0000000", "to": "S", "text": "أنا بخير 1\x00"}
    [reply] = called({"messages": [told]}).replies
    assert (reply.sender, reply.text) == ("+9779800000000", "أنا بخير 1")
    assert (reply.channel, reply.provider, reply.provider_reference) == (
        "sms",
        "sms.gateway",
        "in-1",
    )
    assert "9800000000" not in repr(reply)


def test_half_a_character_can_be_kept():
    [reply] = called({"messages": [{"from": "+9779800000000", "text": "\ud83c"}]}).replies
    assert reply.text.encode() == b"?"


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"status": "delivered"},
        {"status": "delivered", "reference": "not one of ours"},
        {"status": "dancing", "id": "g-1"},
        {"status": ["delivered"], "id": "g-1"},
        {"status": None, "id": "g-1"},
        {"status": "delivered", "id": "x" * 101},
        {"status": "delivered", "id": "a\nb"},
        {"status": "delivered", "id": {"a": 1}},
    ],
)
def test_a_receipt_that_names_nothing_is_passed_over(entry: dict[str, Any]):
    known = {"status": "delivered", "id": "g-2"}
    assert receipts(entry, known) == [Receipt(ReceiptKind.DELIVERED, None, "g-2")]


@pytest.mark.parametrize("at", ["yesterday", "2027-03-01T12:00:00", 5, None, {}])
def test_a_time_that_is_none_is_left_out(at: Any):
    assert receipts({"status": "delivered", "id": "g-1", "at": at})[0].at is None


@pytest.mark.parametrize(
    "sender", ["CONSULAR", "12345", "", None, 9779800000000, "+0123456789", "+" + "9" * 16]
)
def test_a_sender_who_is_no_number_is_passed_over(sender: Any):
    assert called({"messages": [{"from": sender, "text": "1"}]}).replies == []


def test_numbers_are_kept_in_one_form():
    assert reading.number("+977 (980) 000-0000") == "+9779800000000"
    assert reading.number("9779800000000") == "+9779800000000"
    assert reading.number("٠١٢٣٤٥٦٧٨٩") == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"X-Signature": ""},
        {"X-Signature": "sha256="},
        {"X-Signature": "sha256=" + "0" * 64},
        {"X-Signature": "md5=" + "0" * 32},
        {"X-Signature": "sha256=ÄÖÜ"},
        {"X-Timestamp": ""},
        {"X-Timestamp": str(int(NOW.timestamp()) + 1)},  # Another moment than was signed.
    ],
)
def test_a_forged_call_is_refused(wrong: dict[str, str]):
    with pytest.raises(Forged):
        called({"receipts": []}, headers=wrong)


def test_another_body_than_was_signed_is_refused():
    taken = {"receipts": [{"status": "delivered", "id": "g-1"}]}
    signed = int(NOW.timestamp())
    signature = hmac.new(SECRET.encode(), f"{signed}.{{}}".encode(), hashlib.sha256).hexdigest()
    with pytest.raises(Forged):
        called(taken, headers={"X-Signature": f"sha256={signature}"})


@pytest.mark.parametrize(
    ("age", "is_taken"), [(299, True), (301, False), (-299, True), (-301, False)]
)
def test_a_call_that_was_overheard_is_worth_nothing_later(age: float, is_taken: bool):
    if is_taken:
        called({"receipts": []}, age=age)
    else:
        with pytest.raises(Forged):
            called({"receipts": []}, age=age)


@pytest.mark.parametrize("stamp", ["soon", "nan", "inf", "", "²"])
def test_a_time_that_is_no_time_is_refused_though_it_is_signed(stamp: str):
    with pytest.raises(Forged):
        called({"receipts": []}, stamp=stamp)


def test_without_a_secret_nobody_is_believed():
    with pytest.raises(Forged):
        called({"receipts": []}, provider=Provider("sms", "gateway", {}), secret="")


def test_in_a_shape_that_there_is_not_nobody_is_believed():
    misspelt = Provider("sms", "gateway", {"shape": "twillio", "webhook_secret": SECRET})
    with pytest.raises(Forged):
        called({"receipts": []}, provider=misspelt)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff",
        b'{"receipts": {}}',
        b'{"messages": "a"}',
        b"[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes):
    with pytest.raises(Unreadable):
        called(None, body=body)


def test_entries_that_are_no_entries_are_passed_over():
    assert called({"receipts": [None, 1, "a", []], "messages": [[]]}) == Taken(
        receipts=[], replies=[], answer=b"{}"
    )
