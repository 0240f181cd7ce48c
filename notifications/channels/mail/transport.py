"""Mail over SMTP: a few connections in threads, each taking the next letter when it is free."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.conf import settings

from notifications.channels.mail.composing import MailComposer, sender_address
from notifications.channels.mail.session import MailSession
from notifications.channels.ports import CRISIS_ONLY, Letter, Outcome, Transport, Verdict
from notifications.models import MessageText
from notifications.providers import Provider

CONNECTIONS = 8
# A connection is worth its greeting for this many letters.
LETTERS_PER_CONNECTION = 4
SECONDS_PER_SLICE = 30


class MailTransport:
    can_look_up = False  # SMTP has no question for it.
    resend_in_doubt = CRISIS_ONLY

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="mail")
        self._idle: list[MailSession] = []

    async def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        outcomes = [Outcome(Verdict.RETRY, "not_reached")] * len(letters)
        work = iter(enumerate(letters))
        until = time.monotonic() + SECONDS_PER_SLICE
        wanted = min(CONNECTIONS, -(-len(letters) // LETTERS_PER_CONNECTION))
        await asyncio.gather(
            *(
                loop.run_in_executor(self._threads, self._work, work, outcomes, until)
                for _ in range(wanted)
            )
        )
        return outcomes

    def _work(
        self, work: Iterator[tuple[int, Letter]], outcomes: list[Outcome], until: float
    ) -> None:
        try:
            session = self._idle.pop()
        except IndexError:
            session = MailSession()
        for index, letter in work:
            # From here on an error leaves the letter in doubt, never sent in silence.
            outcomes[index] = Outcome(Verdict.UNCERTAIN, "channel_error")
            outcomes[index] = session.deliver(letter)
            if time.monotonic() > until:
                break
        self._idle.append(session)

    async def look_up(self, references: Sequence[UUID]) -> list[Outcome]:
        return [Outcome(Verdict.UNCERTAIN, "no_lookup")] * len(references)

    async def close(self) -> None:
        self._threads.shutdown()
        for session in self._idle:
            session.close()


def open_transport(provider: Provider) -> Transport:
    return MailTransport()


def compose(text: MessageText, provider: Provider) -> MailComposer:
    return MailComposer(text)


def check_config(provider: Provider) -> list[str]:
    """What an operator has to set before mail can leave."""
    problems = []
    if not settings.EMAIL_HOST:
        problems.append("EMAIL_HOST is not set.")
    if "@" not in sender_address():
        problems.append("DEFAULT_FROM_EMAIL holds no mail address.")
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        problems.append("Set EMAIL_USE_TLS or EMAIL_USE_SSL, not both.")
    return problems
