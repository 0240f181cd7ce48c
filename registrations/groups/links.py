"""The link by which people join a group: 16 bytes of its id and 128 bits of HMAC, never stored."""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from privacy.tokens import keyed_digest
from registrations.models import Group

_MAC_BYTES = 16


def token_of(group: Group) -> str:
    raw = group.pk.bytes + _mac(group.pk, group.link_version)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def address_of(group: Group) -> str:
    return f"{settings.PORTAL_URL}{reverse('join_group', args=[token_of(group)])}"


def group_of(token: str) -> Group | None:
    """The group that a link leads to: while it travels, and by its newest link alone."""
    if len(token) != 43 or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    group_id = uuid.UUID(bytes=raw[:16])
    # The same work whether the group is there or not.
    group = Group.objects.filter(pk=group_id, ends_on__gte=timezone.now().date()).first()
    known = hmac.compare_digest(raw[16:], _mac(group_id, group.link_version if group else 0))
    return group if known else None


def _mac(group_id: uuid.UUID, version: int) -> bytes:
    return keyed_digest("group-link", group_id.bytes, version.to_bytes(2, "big"))[:_MAC_BYTES]
