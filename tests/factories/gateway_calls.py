"""Calls as the plain SMS gateway makes them, signed, to the portal that is tested."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.sinks import WEBHOOK_SECRET

ADDRESS = "/channels/sms/gateway/"


def gateway(settings: Settings, **options: str) -> None:
    """Have one SMS provider, that can call back."""
    settings.CHANNEL_PROVIDERS = {
        **settings.CHANNEL_PROVIDERS,
        "sms": [
            {
                "name": "gateway",
                "url": "http://127.0.0.1:9/messages",
                "token": "a-token",
                "webhook_secret": WEBHOOK_SECRET,
                **options,
            }
        ],
    }


def signed(body: bytes, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    now = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": now, "X-Signature": f"sha256={digest}"}


def call(data: Any, *, secret: str = WEBHOOK_SECRET, client: Client | None = None) -> HttpResponse:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    caller = client or Client(enforce_csrf_checks=True)
    headers = signed(body, secret)
    answer: Any = caller.post(ADDRESS, body, content_type="application/json", headers=headers)
    found: HttpResponse = answer
    return found


def text_from(sender: str, text: str, name: str = "in-1") -> HttpResponse:
    """Somebody's SMS, as the gateway hands it on."""
    return call({"messages": [{"id": name, "from": sender, "text": text}]})
