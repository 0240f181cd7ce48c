"""A push service over TLS, and a browser that subscribes to it and reads what comes.

It refuses what RFC 8030, 8291 and 8292 let the real ones refuse, with their statuses. It checks
signatures and opens messages with code of its own, not with the library that made them.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import http_ece  # type: ignore[import-untyped]
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_VAPID = re.compile(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)")
_MONTH = 28 * 24 * 3600
_DAY = 24 * 3600


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """Holds the keys that never leave it."""

    def __init__(self, origin: str, server_key: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = secrets.token_bytes(16)
        self.path = f"/wpush/v2/{secrets.token_urlsafe(24)}"
        self.server_key = server_key
        self.endpoint = f"{origin}{self.path}"

    @property
    def subscription(self) -> dict[str, Any]:
        """As PushSubscription.toJSON() gives it."""
        point = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": b64(point), "auth": b64(self._auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    @property
    def address(self) -> str:
        return json.dumps(self.subscription)

    def read(self, body: bytes) -> dict[str, Any]:
        """Raises for a message that was not made for this browser."""
        opened = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth)
        return json.loads(opened)


@dataclass
class Kept:
    body: bytes
    headers: dict[str, str]


@dataclass
class PushService:
    """One push service, known by its origin."""

    origin: str
    browsers: dict[str, Browser] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    busy: str = ""  # the Retry-After that everybody gets
    hangs_up: bool = False  # once it has read a message, without a word
    moved: str = ""  # where everybody is sent instead
    # What waits for a browser: by its path, and by the topic.
    waiting: dict[str, dict[str, Kept]] = field(default_factory=dict)
    seen: list[web.BaseRequest] = field(default_factory=list)

    def subscribe(self, server_key: str) -> Browser:
        browser = Browser(self.origin, server_key)
        self.browsers[browser.path] = browser
        self.waiting[browser.path] = {}
        return browser

    def unsubscribe(self, browser: Browser) -> None:
        del self.browsers[browser.path]
        self.gone.add(browser.path)

    def waiting_for(self, browser: Browser) -> list[Kept]:
        return list(self.waiting[browser.path].values())

    async def take(self, request: web.BaseRequest) -> web.Response:
        self.seen.append(request)
        body = await request.read()
        if self.hangs_up and request.transport is not None:
            request.transport.abort()
        if self.busy:
            return web.Response(status=429, headers={"Retry-After": self.busy})
        if self.moved:
            return web.Response(status=307, headers={"Location": self.moved})
        if request.path in self.gone:
            return web.Response(status=410, text="push subscription has unsubscribed or expired")
        browser = self.browsers.get(request.path)
        if request.method != "POST" or browser is None:
            return web.Response(status=404, text=f"nobody at {request.path}")
        status = self._fault(request, body, browser)
        if status:
            return web.Response(status=status, text=f"no: {request.path}")
        headers = {name.lower(): value for name, value in request.headers.items()}
        topic = headers.get("topic") or secrets.token_hex()
        self.waiting[browser.path][topic] = Kept(body, headers)
        where = f"{self.origin}/m/{secrets.token_urlsafe(16)}"
        return web.Response(status=201, headers={"Location": where})

    def _fault(self, request: web.BaseRequest, body: bytes, browser: Browser) -> int:
        headers = request.headers
        if not headers.get("TTL", "").isdecimal() or int(headers["TTL"]) > _MONTH:
            return 400
        if headers.get("Urgency", "normal") not in {"very-low", "low", "normal", "high"}:
            return 400
        if "Topic" in headers and not _TOPIC.fullmatch(headers["Topic"]):
            return 400
        if len(body) > 4096:
            return 413
        if headers.get("Content-Encoding") != "aes128gcm" or not _is_one_record(body):
            return 400
        return self._fault_of_signature(headers.get("Authorization", ""), browser)

    def _fault_of_signature(self, header: str, browser: Browser) -> int:
        found = _VAPID.fullmatch(header)
        if found is None:
            return 401
        head, claims, signature, key = found.groups()
        if key != browser.server_key or not _is_signed(f"{head}.{claims}", signature, key):
            return 403
        told = json.loads(unb64(claims))
        left = told.get("exp", 0) - time.time()
        is_right = json.loads(unb64(head)).get("alg") == "ES256" and told.get("aud") == self.origin
        is_named = re.match(r"mailto:[^@]+@[\w-]+\.[\w.-]+$|https://", told.get("sub", ""))
        return 0 if is_right and is_named and 0 < left <= _DAY else 403


def _is_one_record(body: bytes) -> bool:
    """RFC 8291: the sender's key stands in the header, and all is in one record."""
    if len(body) < 86 + 17 or body[20] != 65:
        return False
    return int.from_bytes(body[16:20], "big") >= len(body) - 86


def _is_signed(text: str, signature: str, key: str) -> bool:
    raw = unb64(signature)
    if len(raw) != 64:
        return False
    numbers = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    try:
        public.verify(encode_dss_signature(*numbers), text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
