"""Mail: each letter by itself, over connections that are kept, in threads.

A provider speaks SMTP, or the HTTP interface of a mail service that django-anymail knows.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from notifications.channels.mail.addresses import sender_of
from notifications.channels.mail.composing import MailComposer
from notifications.channels.mail.server import server_of, server_problems
from notifications.channels.mail.services.catalogue import ANYMAIL, service_of
from notifications.channels.mail.services.composing import ServiceComposer
from notifications.channels.mail.services.opening import service_problems
from notifications.channels.mail.services.session import ServiceSession
from notifications.channels.mail.session import MailSession
from notifications.channels.ports import (
    CRISIS_ONLY,
    Composer,
    Fault,
    Letter,
    Outcome,
    Transport,
    Verdict,
)
from notifications.enums import Lane
from notifications.models import MessageText
from notifications.providers import Provider

SMTP = "smtp"
SECONDS_PER_SLICE = 30
NOT_REACHED = Outcome(Verdict.RETRY, "not_reached", fault=Fault.NOBODY)


class Session(Protocol):
    """One connection, used by one thread at a time."""

    def deliver(self, letter: Letter) -> Outcome:
        """Never raises for what a server or a network does."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True, frozen=True)
class Width:
    """How many connections at most, and for how many letters each is worth its greeting."""

    connections: int
    letters_each: int


SERVER = Width(connections=8, letters_each=4)
# A service answers after a tenth of a second or more, and each of its connections waits for that.
SERVICE = Width(connections=64, letters_each=2)


class MailTransport:
    can_look_up = False  # Neither SMTP nor the services have a question for it.

    def __init__(
        self,
        open_session: Callable[[], Session],
        width: Width = SERVER,
        resend_in_doubt: frozenset[Lane] = CRISIS_ONLY,
    ) -> None:
        self.resend_in_doubt = resend_in_doubt
        self._open_session = open_session
        self._width = width
        self._threads = ThreadPoolExecutor(width.connections, thread_name_prefix="mail")
        self._idle: list[Session] = []

    async def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        outcomes = [NOT_REACHED] * len(letters)
        work = iter(enumerate(letters))
        until = time.monotonic() + SECONDS_PER_SLICE
        wanted = min(self._width.connections, -(-len(letters) // self._width.letters_each))
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
            session = self._open_session()
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


def _is_service(provider: Provider) -> bool:
    return provider.option("shape", SMTP) == ANYMAIL


def open_transport(provider: Provider) -> Transport:
    if not _is_service(provider):
        server = server_of(provider)
        return MailTransport(lambda: MailSession(server))
    service = service_of(provider)
    remembers = service is not None and service.remembers_key
    return MailTransport(
        lambda: ServiceSession(provider),
        SERVICE,
        # What is sent again with its key is not carried twice.
        frozenset(Lane) if remembers else CRISIS_ONLY,
    )


def compose(text: MessageText, provider: Provider) -> Composer:
    if _is_service(provider):
        return ServiceComposer(text)
    return MailComposer(text, sender_of(provider))


def check_config(provider: Provider) -> list[str]:
    """What an operator has to set before mail can leave."""
    if provider.option("shape", SMTP) not in {SMTP, ANYMAIL}:
        return [f"MAIL_{provider.name.upper()}_SHAPE must be {SMTP} or {ANYMAIL}."]
    return service_problems(provider) if _is_service(provider) else server_problems(provider)
