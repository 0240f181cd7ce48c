"""What people write to our bot. Telegram sends no receipts."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from notifications.channels.calls import Call, Forged, Taken, Unreadable
from notifications.channels.http import json_object
from notifications.channels.ports import BadAddress
from notifications.channels.references import delivery_behind, kept_reference
from notifications.channels.telegram.composing import valid_address
from notifications.channels.texts import storable
from notifications.enums import Channel
from notifications.ports import Inbound
from notifications.providers import Provider

# What a message may hold instead of text.
_KINDS = ("photo", "video", "voice", "video_note", "audio", "document", "sticker", "contact")


def read_call(provider: Provider, call: Call) -> Taken:
    """Raises Forged or Unreadable. Only what one person writes to the bot is taken, a correction
    of it too: who is safe may find out that they are not. `/start CODE` is a text as any other."""
    secret = provider.option("webhook_secret")
    given = call.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise Forged
    update = json_object(call.body)
    if update is None or not isinstance(update.get("update_id"), int):
        raise Unreadable
    message = _object(update.get("message")) or _object(update.get("edited_message"))
    reply = _reply(provider, message, str(update["update_id"]))
    return Taken(replies=[reply] if reply else [])


def _reply(provider: Provider, message: dict[str, Any], reference: str) -> Inbound | None:
    chat = _object(message.get("chat"))
    text = _text(message)
    if chat.get("type") != "private" or not text:
        return None
    try:
        sender = valid_address(str(chat.get("id")))
    except BadAddress:
        return None
    answered = _object(message.get("reply_to_message")).get("message_id")
    return Inbound(
        channel=Channel.TELEGRAM,
        sender=sender,
        text=storable(text),
        provider=provider.key,
        provider_reference=reference,
        in_reply_to=_answered(provider, sender, answered),
    )


def _answered(provider: Provider, chat: str, message_id: object) -> UUID | None:
    if not isinstance(message_id, int):
        return None
    return delivery_behind(provider, kept_reference(Channel.TELEGRAM, chat, str(message_id)))


def _text(message: dict[str, Any]) -> str:
    """What was written. Of a picture, a voice or a place it is said that there was one, so that
    an officer asks: nothing that somebody sends in a crisis is dropped unseen."""
    if isinstance(message.get("text"), str):
        return str(message["text"])
    place = _object(message.get("location"))
    if place:
        return f"[location] {place.get('latitude')}, {place.get('longitude')}"
    kind = next((kind for kind in _KINDS if kind in message), "")
    return f"[{kind}] {message.get('caption') or ''}".strip() if kind else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
