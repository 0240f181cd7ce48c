"""Web push (RFC 8030): each notice is encrypted for one browser and left at its push service.

The browser gave the address of that service, so it is held to the operator's list of them, and no
connection goes to an address inside our own network.
"""

from __future__ import annotations

import json

from http_ece import ECEException  # type: ignore[import-untyped]
from pywebpush import WebPusher, WebPushException  # type: ignore[import-untyped]

from notifications.channels.guarding import PublicResolver
from notifications.channels.http import Answer, HttpClient, HttpTransport, refusal_of
from notifications.channels.ports import BadAddress, Letter, Outcome, Transport, Verdict
from notifications.channels.push.composing import (
    PushComposer,
    Subscription,
    hosts_of,
    is_host_pattern,
    subscription_from,
)
from notifications.channels.push.signing import BadKeys, Signer, is_subject
from notifications.enums import Lane
from notifications.models import MessageText
from notifications.providers import Provider

# The person withdrew, or the browser is no more: nothing will ever reach this subscription.
_GONE = frozenset({404, 410})


def outcome_of(status: int, wait: str | None = None) -> Outcome:
    if 200 <= status < 300:
        return Outcome(Verdict.ACCEPTED)
    if status in _GONE:
        return Outcome(Verdict.FAILED, "gone", gone=True)
    return refusal_of("push", status, wait)


def encrypted(subscription: Subscription, notice: bytes) -> bytes:
    """For this browser's eyes only (RFC 8291)."""
    told = {"endpoint": subscription.endpoint, "keys": subscription.keys}
    body: bytes = WebPusher(told).encode(notice)["body"]
    return body


class PushTransport(HttpTransport):
    # A notice sent again takes the first one's place, at the service and on the screen.
    resend_in_doubt = frozenset(Lane)

    def __init__(self, provider: Provider) -> None:
        self._hosts = hosts_of(provider)
        self._signer = _signer(provider)
        super().__init__(HttpClient("push", resolver=PublicResolver()))

    async def send_one(self, letter: Letter) -> Outcome:
        if self._signer is None:
            return Outcome(Verdict.RETRY, "push_not_set")
        wanted = json.loads(letter.payload)
        try:
            subscription = subscription_from(letter.address, self._hosts)
            body = encrypted(subscription, wanted["notice"].encode())
        except (BadAddress, WebPushException, ECEException, ValueError):
            return Outcome(Verdict.FAILED, "bad_address")
        answer = await self._http.ask(
            "POST",
            subscription.endpoint,
            data=body,
            headers={
                "Authorization": self._signer.authorization(subscription.origin),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(wanted["ttl"]),
                "Urgency": wanted["urgency"],
                "Topic": letter.delivery_id.hex,
            },
        )
        if isinstance(answer, Answer):
            return outcome_of(answer.status, answer.headers.get("Retry-After"))
        return answer


def _signer(provider: Provider) -> Signer | None:
    try:
        return Signer(
            provider.option("public_key"),
            provider.option("private_key"),
            provider.option("subject"),
        )
    except BadKeys:
        return None


def open_transport(provider: Provider) -> Transport:
    return PushTransport(provider)


def compose(text: MessageText, provider: Provider) -> PushComposer:
    return PushComposer(text, provider)


def check_config(provider: Provider) -> list[str]:
    """What an operator has to set before a browser can be notified."""
    name = f"PUSH_{provider.name.upper()}"
    missing = [
        f"{name}_{option.upper()} is not set."
        for option in ("public_key", "private_key", "subject")
        if not provider.option(option)
    ]
    problems = missing or _problems_of_keys(provider, name)
    if not all(map(is_host_pattern, hosts_of(provider))):
        problems.append(f"{name}_HOSTS lists something that is not a name of push services.")
    return problems


def _problems_of_keys(provider: Provider, name: str) -> list[str]:
    if not is_subject(provider.option("subject")):
        return [f"{name}_SUBJECT is not mailto: and a mail address, or an https address."]
    if _signer(provider) is None:
        return [f"{name}_PUBLIC_KEY and {name}_PRIVATE_KEY do not belong together."]
    return []
