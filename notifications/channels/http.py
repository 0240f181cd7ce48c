"""What the channels that speak HTTP share: kept connections, bounded reading, what a failure means.

Nothing here says what was sent or to whom: an address may be secret or personal in itself.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from uuid import UUID

import aiohttp

from notifications.channels.ports import Letter, Outcome, Verdict

CONCURRENCY = 32
CONNECT_SECONDS = 5
TOTAL_SECONDS = 15
LONGEST_WAIT = 600.0
BODY_LIMIT = 65_536
# The provider refuses us (a wrong key, a wrong address of its own), not the recipient: people are
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


def json_object(body: bytes) -> dict[str, object] | None:
    """The object that a body holds; None for anything else."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


@dataclass(slots=True, frozen=True)
class Answer:
    """What a provider said. Its repr shows no word of it: providers quote addresses."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # any case

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


def refusal_of(word: str, status: int, wait: str | None = None) -> Outcome:
    """What a status outside 200 to 299 means. `word` begins its code; `wait` is Retry-After."""
    code = f"{word}_{status}"
    if status in _LATER or status >= 500:
        return Outcome(Verdict.RETRY, code, retry_after=retry_after(wait))
    if status in _REFUSES_US or status < 400:
        return Outcome(Verdict.RETRY, f"{word}_refused_us_{status}")
    return Outcome(Verdict.FAILED, code)


def refusal_by_somebody(word: str, status: int, wait: str | None = None) -> Outcome:
    """As refusal_of, where the words are not the provider's: for a proxy's refusal nobody is given
    up."""
    refusal = refusal_of(word, status, wait)
    if refusal.verdict is Verdict.FAILED:
        return Outcome(Verdict.RETRY, f"{word}_garbled_{status}")
    return refusal


class HttpClient:
    """Connections to one provider, living in the engine's event loop. `word` begins each code."""

    def __init__(
        self,
        word: str,
        *,
        headers: Mapping[str, str] | None = None,
        resolver: aiohttp.abc.AbstractResolver | None = None,
    ) -> None:
        self._word = word
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._session = aiohttp.ClientSession(
            headers=headers,
            # Shorter than any provider's, so that it is we who close a connection that rests.
            connector=aiohttp.TCPConnector(
                limit=CONCURRENCY, keepalive_timeout=4, resolver=resolver
            ),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
        )

    async def ask(
        self,
        method: str,
        url: str,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | Outcome:
        """The answer, or what it means that there is none. Never raises for what a network does."""
        if not url:
            return Outcome(Verdict.RETRY, f"{self._word}_not_set")
        async with self._slots:
            try:
                # One timer for all of it is cheaper than the session's own, entered at each step.
                async with (
                    asyncio.timeout(TOTAL_SECONDS),
                    self._session.request(
                        method, url, data=data, headers=headers, allow_redirects=False
                    ) as answer,
                ):
                    return Answer(answer.status, await _read(answer), answer.headers)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                return Outcome(Verdict.RETRY, f"{self._word}_unreachable")
            except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
                return Outcome(Verdict.RETRY, f"{self._word}_not_set")
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                # The request may have left: whether it was taken, only the provider knows.
                return Outcome(Verdict.UNCERTAIN, f"{self._word}_unanswered")

    async def close(self) -> None:
        await self._session.close()


class HttpTransport(ABC):
    """Sends each letter in a request of its own to a provider that cannot be asked for it later."""

    can_look_up = False

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    @abstractmethod
    async def send_one(self, letter: Letter) -> Outcome: ...

    async def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self.send_one, letters)))

    async def look_up(self, references: Sequence[UUID]) -> list[Outcome]:
        return [Outcome(Verdict.UNCERTAIN, "no_lookup")] * len(references)

    async def close(self) -> None:
        await self._http.close()


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The beginning of the body: a provider's answer is short, whatever else it sends is not."""
    body = b""
    while len(body) < BODY_LIMIT and (more := await answer.content.read(BODY_LIMIT)):
        body += more
    return body
