"""What a browser shows: a title, a few words and the link to the notice.

An address is what the browser gave when its person agreed, as JSON: the `endpoint` at its maker's
push service, and two `keys` with which only this browser can read what is sent.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from notifications.channels.installed import LONGEST_ADDRESS
from notifications.channels.ports import BadAddress, Letter, one_line
from notifications.channels.texts import LINK, clean, cut, direction_of, short_template, wants_link
from notifications.enums import Lane
from notifications.models import MessageText
from notifications.providers import Provider
from notifications.templates import compile_text

# Firefox; Chrome and what is built on it; Safari; Edge. A star stands for any one name.
WELL_KNOWN_HOSTS = (
    "updates.push.services.mozilla.com",
    "fcm.googleapis.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
# A name that ends in letters, never an IP address; no port, no user, no fragment.
_ENDPOINT = re.compile(
    r"https://((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*)"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]+)"
)
_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")

# What push services keep at most: four weeks.
LONGEST_TTL = 28 * 24 * 3600
# Every push service takes 4096 bytes, of which encryption needs 103 (RFC 8291). In characters:
# with four bytes for each there is room left for the link.
_TITLE, _BODY = 120, 600


@dataclass(slots=True, frozen=True)
class Subscription:
    """One browser of one person. Its repr shows nothing: the endpoint alone identifies them."""

    host: str = field(repr=False)
    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    @property
    def origin(self) -> str:
        return f"https://{self.host}"

    @property
    def keys(self) -> dict[str, str]:
        return {"auth": self.auth, "p256dh": self.p256dh}


def is_host_pattern(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


def hosts_of(provider: Provider) -> tuple[str, ...]:
    """The push services that the operator allows."""
    given = provider.option("hosts")
    listed = tuple(name.strip().lower() for name in given.split(",") if name.strip())
    return listed or WELL_KNOWN_HOSTS


def subscription_from(text: str, hosts: Iterable[str] = WELL_KNOWN_HOSTS) -> Subscription:
    """Raises BadAddress for anything but a subscription at one of these push services."""
    given = _object(text)
    if given.keys() - {"expirationTime"} != {"endpoint", "keys"}:
        raise BadAddress
    endpoint, keys = given["endpoint"], given["keys"]
    if not isinstance(endpoint, str) or not isinstance(keys, dict):
        raise BadAddress
    found = _ENDPOINT.fullmatch(endpoint)
    if found is None or not any(_is_one_of(found[1], pattern) for pattern in hosts):
        raise BadAddress
    if keys.keys() != {"auth", "p256dh"} or len(_bytes(keys["auth"])) != 16:
        raise BadAddress
    point = _bytes(keys["p256dh"])
    try:
        if len(point) != 65:
            raise BadAddress
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise BadAddress from None
    return Subscription(found[1], endpoint, keys["p256dh"].rstrip("="), keys["auth"].rstrip("="))


def valid_address(text: str, hosts: Iterable[str] = WELL_KNOWN_HOSTS) -> str:
    """The subscription in the one spelling that is kept. Raises BadAddress."""
    found = subscription_from(text, hosts)
    kept = {"endpoint": found.endpoint, "keys": found.keys}
    return json.dumps(kept, separators=(",", ":"))


def _is_one_of(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return host == pattern


def _object(text: str) -> dict[str, object]:
    if len(text) > LONGEST_ADDRESS:
        raise BadAddress
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise BadAddress from None
    if not isinstance(given, dict):
        raise BadAddress
    return given


def _bytes(value: object) -> bytes:
    if not isinstance(value, str) or not _BASE64URL.fullmatch(value.rstrip("=")):
        raise BadAddress
    bare = value.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        raise BadAddress from None


class PushComposer:
    def __init__(self, text: MessageText, provider: Provider) -> None:
        self._title = compile_text(text.subject)
        self._body = compile_text(short_template(text).removesuffix(LINK))
        self._has_link = wants_link(text)
        self._language = text.language
        self._urgent = text.message.lane != Lane.ADVICE
        self._expires_at = text.message.expires_at
        self._hosts = hosts_of(provider)

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        subscription = valid_address(address, self._hosts)
        clean_values = {name: one_line(value) for name, value in values.items()}
        notice = {
            "title": cut(one_line(self._title(clean_values)), _TITLE),
            "body": cut(clean(self._body(clean_values)), _BODY),
            "language": self._language,
            "direction": direction_of(self._language),
            # By this the browser replaces what it shows already, if a notice comes again.
            "tag": delivery_id.hex,
        }
        if self._has_link:
            notice["link"] = clean_values["link"]
        letter = {
            "urgency": "high" if self._urgent else "normal",
            "ttl": seconds_left(self._expires_at),
            "notice": json.dumps(notice, ensure_ascii=False, separators=(",", ":")),
        }
        return Letter(delivery_id, subscription, json.dumps(letter).encode())


def seconds_left(expires_at: datetime) -> int:
    """How long a push service may keep it for a browser that is away."""
    left = (expires_at - timezone.now()).total_seconds()
    return int(min(max(left, 0), LONGEST_TTL))
