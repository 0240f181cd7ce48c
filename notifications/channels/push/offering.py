"""What a browser needs to subscribe, and what it gave when it had."""

from __future__ import annotations

from notifications.channels.push.composing import hosts_of, valid_address
from notifications.enums import Channel
from notifications.providers import providers_of


def public_key() -> str:
    """What browsers subscribe with (VAPID); "" where the operator offers none."""
    described = providers_of(Channel.PUSH)
    return described[0].option("public_key") if described else ""


def subscription_given(text: str) -> str:
    """A browser's subscription in the one spelling that is kept. Raises BadAddress."""
    return valid_address(text, hosts_of(providers_of(Channel.PUSH)[0]))
