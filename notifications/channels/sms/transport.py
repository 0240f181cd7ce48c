"""SMS over an HTTP gateway: POST {to, text, sender, reference} as JSON, with the delivery's id as
Idempotency-Key; GET {url}/{reference} tells whether the gateway has it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from uuid import UUID

import aiohttp

from notifications.channels.ports import Letter, Outcome, Transport, Verdict
from notifications.channels.sms.composing import SmsComposer
from notifications.models import MessageText
from notifications.providers import Provider

CONCURRENCY = 32
CONNECT_SECONDS = 5
TOTAL_SECONDS = 15
LONGEST_WAIT = 600.0
BODY_LIMIT = 65_536
# The gateway refuses us (a wrong key, a wrong address of its own), not the number: people are
# not given up for what the operator can mend.
_REFUSES_US = frozenset({401, 402, 403, 404, 405})
_LATER = frozenset({408, 425, 429})


def retry_after(header: str | None) -> float | None:
    """Seconds from a Retry-After header in either of its forms; None where it says nothing."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            when = parsedate_to_datetime(header)
        except (TypeError, ValueError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None


def outcome_of(status: int, body: bytes, wait: str | None = None) -> Outcome:
    if 200 <= status < 300:
        answer = _json_object(body)
        if answer is None:
            # A proxy's page, or nothing: the gateway may have taken it or never have seen it.
            return Outcome(Verdict.UNCERTAIN, "gateway_garbled")
        return Outcome(Verdict.ACCEPTED, reference=str(answer.get("id", ""))[:100])
    code = f"gateway_{status}"
    if status in _LATER or status >= 500:
        return Outcome(Verdict.RETRY, code, retry_after=retry_after(wait))
    if status in _REFUSES_US or status < 400:
        return Outcome(Verdict.RETRY, f"gateway_refused_us_{status}")
    return Outcome(Verdict.FAILED, code)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The beginning of the body: a gateway's answer is short, whatever else it sends is not."""
    body = b""
    while len(body) < BODY_LIMIT and (more := await answer.content.read(BODY_LIMIT)):
        body += more
    return body


def _json_object(body: bytes) -> dict[str, object] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


class SmsTransport:
    can_look_up = True

    def __init__(self, provider: Provider) -> None:
        self._url = provider.option("url").rstrip("/")
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._session = aiohttp.ClientSession(
            headers={
                "Authorization": f"Bearer {provider.option('token')}",
                "Content-Type": "application/json",
            },
            # Shorter than any gateway's, so that it is we who close a connection that rests.
            connector=aiohttp.TCPConnector(limit=CONCURRENCY, keepalive_timeout=4),
            timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
        )

    async def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self._send_one, letters)))

    async def _send_one(self, letter: Letter) -> Outcome:
        if not self._url:
            return Outcome(Verdict.RETRY, "gateway_not_set")
        async with self._slots:
            try:
                async with self._session.post(
                    self._url,
                    data=letter.payload,
                    headers={"Idempotency-Key": str(letter.delivery_id)},
                    allow_redirects=False,
                ) as answer:
                    body = await _read(answer)
                    return outcome_of(answer.status, body, answer.headers.get("Retry-After"))
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                return Outcome(Verdict.RETRY, "gateway_unreachable")
            except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
                return Outcome(Verdict.RETRY, "gateway_not_set")
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                # The request may have left: whether it was taken, only the gateway knows.
                return Outcome(Verdict.UNCERTAIN, "gateway_unanswered")

    async def look_up(self, references: Sequence[UUID]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self._look_up_one, references)))

    async def _look_up_one(self, reference: UUID) -> Outcome:
        unclear = Outcome(Verdict.UNCERTAIN, "lookup_failed")
        async with self._slots:
            try:
                async with self._session.get(
                    f"{self._url}/{reference}", allow_redirects=False
                ) as answer:
                    found = _json_object(await _read(answer))
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                return unclear
        if found is None:
            return unclear
        if answer.status == 200:
            return Outcome(Verdict.ACCEPTED, reference=str(found.get("id", ""))[:100])
        # Only a gateway's own 404 is a no; a proxy's is not JSON.
        return Outcome(Verdict.FAILED, "not_found") if answer.status == 404 else unclear

    async def close(self) -> None:
        await self._session.close()


def open_transport(provider: Provider) -> Transport:
    return SmsTransport(provider)


def compose(text: MessageText, provider: Provider) -> SmsComposer:
    return SmsComposer(text, provider)


def check_config(provider: Provider) -> list[str]:
    """What an operator has to set before a text message can leave."""
    problems = []
    name = f"SMS_{provider.name.upper()}"
    if not provider.option("url").startswith(("http://", "https://")):
        problems.append(f"{name}_URL is not set to an http(s) address.")
    elif not provider.option("token"):
        problems.append(f"{name}_TOKEN is not set.")
    return problems
