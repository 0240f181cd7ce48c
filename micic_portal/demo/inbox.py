"""Reads what arrived at the demo's own mail and SMS sinks."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_PAGE = 500
_LINK = re.compile(r"https?://[^\s<>\"]+")


class SinksUnreachable(RuntimeError):
    """The demo's sinks do not answer."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message as it stands on a person's phone."""

    reference: str
    channel: str
    to: str
    sender: str
    subject: str
    body: str
    arrived_at: datetime

    @property
    def linked_body(self) -> SafeString:
        """The body with its own links made clickable; everything else escaped."""
        return mark_safe(  # noqa: S308  # escaped first, then only addresses are wrapped
            _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(self.body))
        )


class DemoSinks:
    """The control interface of the sinks at `base` (scheme, host and port on loopback)."""

    def __init__(self, base: str) -> None:
        self.base = base

    def messages(
        self, *, to: str = "", reference: str = "", limit: int = 30, offset: int = 0
    ) -> list[Arrived]:
        """Newest first. Raises SinksUnreachable."""
        query = {"to": to, "reference": reference, "limit": str(limit), "offset": str(offset)}
        found = self._get("/control/messages", {k: v for k, v in query.items() if v})
        return [
            Arrived(
                reference=one["reference"],
                channel=one["channel"],
                to=one["to"],
                sender=one.get("sender", ""),
                subject=one.get("subject", ""),
                body=one["body"],
                arrived_at=_moment(one["arrived_at"]),
            )
            for one in found["messages"]
        ]

    def every_message(self) -> Iterator[Arrived]:
        """All that arrived, newest first, a page at a time. Raises SinksUnreachable."""
        offset = 0
        while page := self.messages(limit=_PAGE, offset=offset):
            yield from page
            offset += len(page)

    def counts(self) -> dict[str, Any]:
        """How many of each: mail, sms, unique_references, duplicates, look_ups; and `injected`, how
        often each fault was played. Raises SinksUnreachable."""
        return self._get("/control/counts", {})

    def references(self) -> set[str]:
        """Every reference that a sink accepted. Raises SinksUnreachable."""
        return set(self._get("/control/references", {})["references"])

    def kept_twice(self) -> set[str]:
        """Every reference that a sink accepted more than once. Raises SinksUnreachable."""
        return set(self._get("/control/references", {})["twice"])

    def play(self, **faults: float) -> None:
        """Have the sinks fail from now on, in percent of what comes. Raises SinksUnreachable."""
        self._ask("/control/faults", faults)

    def call_back(self, portal: str, *, secret: str) -> None:
        """Have the gateway send its receipts, and what people answer, to the portal at this
        address, signed with the secret. Raises SinksUnreachable."""
        gateway = {"url": f"{portal}/channels/sms/gateway/", "secret": secret}
        self._ask("/control/callbacks", {"gateway": gateway})

    def answer(self, *, sender: str, text: str) -> bool:
        """Send the portal an SMS from this number; whether the portal took it. Raises
        SinksUnreachable."""
        answered = self._ask("/control/inbound", {"from": sender, "text": text})
        return 200 <= answered["status"] < 300

    def _get(self, path: str, query: dict[str, str]) -> Any:
        return self._ask(f"{path}?{urllib.parse.urlencode(query)}")

    def _ask(self, path: str, data: object = None) -> Any:
        """What the sinks answer to a GET, or to a POST of this data."""
        if not self.base:
            raise SinksUnreachable("DEMO_SINKS_URL is not set")
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"{self.base}{path}", body)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return json.load(answer)
        except (urllib.error.URLError, OSError) as error:
            raise SinksUnreachable(str(error)) from error


def _moment(value: str | float) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(value)
