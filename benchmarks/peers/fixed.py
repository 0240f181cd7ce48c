"""The fixed texts that the peers send, and where they go."""

from __future__ import annotations

import json
import os
from urllib.parse import urlsplit

SENDER = "warnings@capital.example"
SUBJECT = "Stay safe and answer"
TEXT = (
    "Follow what the local authorities say. Tell us with one tap how you are.\n\n"
    "https://portal.capital.example/a/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG\n"
)
GATEWAY_URL = os.environ.get("SMS_GATEWAY_URL", "")
GATEWAY = urlsplit(GATEWAY_URL)


def mail_to(number: int) -> str:
    return f"traveller{number}@mail.example"


def mail(number: int) -> bytes:
    lines = [
        f"From: {SENDER}",
        f"To: {mail_to(number)}",
        f"Subject: {SUBJECT}",
        f"X-Reference: peer-{number}",
        "",
        *TEXT.splitlines(),
    ]
    return "\r\n".join(lines).encode()


def sms(number: int) -> bytes:
    fields = {
        "to": f"+5255{number:08d}",
        "sender": "Consulate",
        "text": TEXT,
        "reference": f"peer-{number}",
    }
    return json.dumps(fields).encode()


def headers(number: int) -> dict[str, str]:
    return {
        "Authorization": "Bearer of-a-peer",
        "Content-Type": "application/json",
        "Idempotency-Key": f"peer-{number}",
    }
