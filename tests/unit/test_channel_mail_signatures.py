"""Each service's own way to sign, as it describes it: what it signed is taken, all else is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.utils.datastructures import CaseInsensitiveMapping

from notifications.channels.calls import Call, Forged, Receipt, ReceiptKind
from notifications.channels.mail.services.catalogue import SERVICES
from notifications.channels.mail.webhooks import read_call
from notifications.providers import Provider
from tests.mail_services import Signed, basic

ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
OURS = {"delivery_id": str(ONE)}
PERSON = "person@example.org"
ADDRESS = "https://portal.example/channels/mail/relay/"
KEY = "key-of-the-portal"
RSA = rsa.generate_private_key(65537, 2048)
STAMP = 1795404692

# One that says "delivered" of each.
EVENTS = {
    "brevo": {"event": "delivered", "message-id": "m", "X-Mailin-custom": json.dumps(OURS)},
    "mailersend": {
        "type": "activity.delivered",
        "data": {"type": "delivered", "email": {"message": {"id": "m"}}},
    },
    "mailjet": [{"event": "sent", "time": STAMP, "MessageID": 7, "Payload": json.dumps(OURS)}],
    "mailtrap": {
        "events": [
            {
                "event": "delivery",
                "timestamp": STAMP,
                "message_id": "m",
                "custom_variables": OURS,
            }
        ]
    },
    "mandrill": [{"event": "send", "_id": "m", "ts": STAMP, "msg": {"metadata": OURS}}],
    "postal": {
        "event": "MessageSent",
        "timestamp": STAMP,
        "payload": {"status": "Sent", "message": {"id": 7, "tag": None}},
    },
    "resend": {
        "type": "email.delivered",
        "created_at": "2026-11-23T03:31:32Z",
        "data": {
            "email_id": "m",
            "to": [PERSON],
            "headers": [{"name": "X-Metadata", "value": json.dumps(OURS)}],
        },
    },
    "sparkpost": [
        {
            "msys": {
                "message_event": {
                    "type": "delivery",
                    "timestamp": str(STAMP),
                    "transmission_id": "m",
                    "rcpt_meta": OURS,
                }
            }
        }
    ],
    "unisender_go": {
        "auth": "",
        "events_by_user": [
            {
                "events": [
                    {
                        "event_name": "transactional_email_status",
                        "event_data": {
                            "status": "delivered",
                            "email": PERSON,
                            "event_time": "2026-11-23 03:31:32",
                            "metadata": {**OURS, "anymail_id": "m"},
                        },
                    }
                ]
            }
        ],
    },
}


def by_basic(body: bytes, key: str) -> Signed:
    return basic(f"portal:{key}"), body


def by_hmac(header: str) -> Callable[[bytes, str], Signed]:
    def sign(body: bytes, key: str) -> Signed:
        return {header: hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}, body

    return sign


def by_mandrill(body: bytes, key: str) -> Signed:
    """The address, then each field's name and value."""
    said = f"{ADDRESS}mandrill_events{body.decode()}".encode()
    signature = base64.b64encode(hmac.new(key.encode(), said, hashlib.sha1).digest()).decode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    fields = urlencode({"mandrill_events": body.decode()}).encode()
    return {**form, "X-Mandrill-Signature": signature}, fields


def by_postal(body: bytes, key: str) -> Signed:
    signer = RSA if key == KEY else rsa.generate_private_key(65537, 2048)
    signature = signer.sign(body, padding.PKCS1v15(), hashes.SHA1())
    return {"X-Postal-Signature": base64.b64encode(signature).decode()}, body


def by_unisender(body: bytes, key: str) -> Signed:
    """MD5 of the body with our key in the place of the digest itself."""
    said = body.replace(b'"auth": ""', f'"auth": "{key}"'.encode())
    made = hashlib.md5(said).hexdigest()
    return {}, body.replace(b'"auth": ""', f'"auth": "{made}"'.encode())


SIGN: dict[str, Callable[[bytes, str], Signed]] = {
    "brevo": by_basic,
    "mailersend": by_hmac("Signature"),
    "mailjet": by_basic,
    "mailtrap": by_hmac("Mailtrap-Signature"),
    "mandrill": by_mandrill,
    "postal": by_postal,
    "resend": by_basic,
    "sparkpost": by_basic,
    "unisender_go": by_unisender,
}


def secret_of(name: str) -> dict[str, str]:
    if SIGN[name] is by_basic:
        return {"webhook_secret": f"portal:{KEY}"}
    if name == "postal":
        der = RSA.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {"webhook_key": base64.b64encode(der).decode()}
    return {SERVICES[name].receipts: KEY}


def read(name: str, signed: Signed) -> Receipt:
    needs = dict.fromkeys(SERVICES[name].needs, KEY)
    options = {"shape": "anymail", "backend": name, **needs, **secret_of(name)}
    headers, body = signed
    call = Call(
        method="POST",
        url=ADDRESS,
        headers=CaseInsensitiveMapping({"Content-Type": "application/json", **headers}),
        query={},
        body=body,
        received_at=datetime.now(UTC),
    )
    [receipt] = read_call(Provider("mail", "relay", options), call).receipts
    return receipt


def body_of(name: str) -> bytes:
    return json.dumps(EVENTS[name]).encode()


@pytest.mark.parametrize("name", sorted(SIGN))
def test_what_a_service_signed_is_taken(name: str):
    receipt = read(name, SIGN[name](body_of(name), KEY))
    sent_only = name == "mandrill"  # It knows no "delivered".
    assert receipt.kind is (ReceiptKind.ACCEPTED if sent_only else ReceiptKind.DELIVERED)
    assert receipt.provider_reference in {"m", "7"}
    without_metadata = name in {"mailersend", "postal"}
    assert receipt.delivery_id == (None if without_metadata else ONE)


@pytest.mark.parametrize("name", sorted(SIGN))
def test_what_somebody_else_signed_is_forged(name: str):
    with pytest.raises(Forged):
        read(name, SIGN[name](body_of(name), "guessed"))


@pytest.mark.parametrize("name", sorted(name for name in SIGN if SIGN[name] is not by_basic))
def test_what_was_changed_on_the_way_is_forged(name: str):
    headers, body = SIGN[name](body_of(name), KEY)
    for changed in (body.replace(b"m", b"n", 1), b"", b"{}"):
        with pytest.raises(Forged):
            read(name, (headers, changed))


def test_every_service_that_tells_us_anything_is_tried():
    elsewhere = {"mailgun", "postmark", "sendgrid"}  # test_channel_mail_webhooks.py
    needs_a_library = {"amazon_ses"}
    telling = {name for name, service in SERVICES.items() if service.receipts}
    assert telling - elsewhere - needs_a_library == SIGN.keys()
