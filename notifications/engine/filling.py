"""Opens the recipients of a claimed batch and fills in their letters."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from notifications.channels.ports import (
    UNSUBSCRIBE,
    BadAddress,
    Composer,
    Letter,
    channel_module,
)
from notifications.engine import limits
from notifications.engine.claims import Result
from notifications.enums import DeliveryState, Lane
from notifications.links import link_for, reply_code
from notifications.models import Delivery, Message, MessageText
from notifications.ports import NoSource, Opened, Withheld, paths_of, source_for
from notifications.providers import Provider
from notifications.templates import MissingValue

logger = logging.getLogger(__name__)
_MESSAGES_KEPT = 1000
Found = dict[UUID, Opened | Withheld]


@dataclass(slots=True)
class Prepared:
    """A claimed batch, opened: what can be sent, and what is written back without sending."""

    letters: list[tuple[Delivery, Letter]] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)


class Filler:
    """Keeps the messages and composed texts of one drain. Holds nothing of any recipient."""

    def __init__(self) -> None:
        self._messages: dict[object, tuple[Message, dict[str, MessageText]]] = {}
        self._wants_reply_code: set[UUID] = set()
        self._composers: dict[tuple[object, str, str], Composer] = {}

    def prepare(self, rows: Sequence[Delivery], providers: Mapping[UUID, Provider]) -> Prepared:
        """Open these rows and fill in their letters, each for its provider."""
        self._load(rows)
        prepared = Prepared()
        for purpose, group in self._groups(rows):
            found = self._open(purpose, group)
            for row in group:
                provider = providers.get(row.pk)
                self._fill(row, found.get(row.recipient_id), provider, prepared)
        prepared.letters.sort(key=lambda pair: pair[0].lane)
        return prepared

    def _groups(self, rows: Sequence[Delivery]) -> Iterator[tuple[str, list[Delivery]]]:
        """By purpose, and with each recipient once: two messages to one person in one claim may
        have different answers."""
        groups: dict[tuple[str, int], list[Delivery]] = defaultdict(list)
        seen: Counter[tuple[str, UUID]] = Counter()
        for row in rows:
            purpose = self._messages[row.message_id][0].purpose
            groups[purpose, seen[purpose, row.recipient_id]].append(row)
            seen[purpose, row.recipient_id] += 1
        for (purpose, _), group in groups.items():
            yield purpose, group

    def _load(self, rows: Sequence[Delivery]) -> None:
        if len(self._messages) > _MESSAGES_KEPT:
            self._messages.clear()
            self._composers.clear()
            self._wants_reply_code.clear()
        missing = {row.message_id for row in rows} - self._messages.keys()
        if missing:
            for message in Message.objects.filter(pk__in=missing).prefetch_related("texts"):
                texts = {text.language: text for text in message.texts.all()}
                self._messages[message.pk] = (message, texts)
                if any(
                    "{reply_code}" in f"{text.subject}{text.body}{text.sms}"
                    for text in texts.values()
                ):
                    self._wants_reply_code.add(message.pk)

    def _open(self, purpose: str, group: Sequence[Delivery]) -> Found:
        """Ask the floor above for the whole batch; if that fails, one by one, so that a single
        row that cannot be opened holds nobody else back. An unopened row is left out."""
        try:
            source = source_for(purpose)
        except NoSource:
            logger.error("no source is bound for purpose %s", purpose)
            return dict.fromkeys((row.recipient_id for row in group), Withheld("_no_source"))
        try:
            ids = [row.recipient_id for row in group]
            return dict(source.open(ids, purpose, deliveries=group))
        except Exception as error:
            logger.error("source of %s failed: %s", purpose, type(error).__name__)
        found: Found = {}
        for row in group:
            try:
                found |= source.open([row.recipient_id], purpose, deliveries=[row])
            except Exception as error:
                logger.error("delivery %s not opened: %s", row.pk, type(error).__name__)
                found[row.recipient_id] = Withheld("_not_opened")
        return found

    def _fill(
        self,
        row: Delivery,
        found: Opened | Withheld | None,
        provider: Provider | None,
        prepared: Prepared,
    ) -> None:
        if isinstance(found, Opened):
            self._write(row, found, provider, prepared)
        else:
            _leave(row, found or Withheld("unknown"), prepared)

    def _write(
        self, row: Delivery, opened: Opened, provider: Provider | None, prepared: Prepared
    ) -> None:
        if provider is None:
            _leave(row, Withheld("_no_provider"), prepared)
            return
        try:
            row.provider = provider.key
            prepared.letters.append((row, self._letter(row, opened, provider)))
        except BadAddress:
            prepared.results.append(_failed(row, "bad_address"))
        except MissingValue:
            prepared.results.append(_failed(row, "missing_value"))
        except Exception as error:  # A channel's own mistake over one letter stops no other.
            logger.error("delivery %s not filled in: %s", row.pk, type(error).__name__)
            _leave(row, Withheld("_not_filled"), prepared)

    def _letter(self, row: Delivery, opened: Opened, provider: Provider) -> Letter:
        composer = self._composer(row, opened.language or row.language, provider)
        paths = paths_of(self._messages[row.message_id][0].purpose)
        values = {**opened.values, "link": link_for(row.pk, paths.link)}
        if paths.stop:
            values["stop"] = link_for(row.pk, paths.stop)
            # A mail program's own button may end advice and reminders, and never a warning.
            if row.lane == Lane.ADVICE:
                values[UNSUBSCRIBE] = values["stop"]
        if row.message_id in self._wants_reply_code:
            values["reply_code"] = reply_code(row.pk)
        return composer.fill(row.pk, opened.address, values)

    def _composer(self, row: Delivery, language: str, provider: Provider) -> Composer:
        key = (row.message_id, language, provider.key)
        composer = self._composers.get(key)
        if composer is None:
            _, texts = self._messages[row.message_id]
            text = (
                texts.get(language)
                or texts.get(language.split("-")[0])
                or texts.get(settings.LANGUAGE_CODE)
                or next(iter(texts.values()))
            )
            module = channel_module(row.channel)
            composer = self._composers[key] = module.compose(text, provider)
        return composer


def _failed(row: Delivery, code: str) -> Result:
    return Result(row.pk, row.attempt, DeliveryState.FAILED, code)


def _leave(row: Delivery, withheld: Withheld, prepared: Prepared) -> None:
    """Nothing is sent now: kept in the queue until it is mended, where the fault is ours and not
    the person's choice."""
    if withheld.reason.startswith("_"):
        delay = limits.LONGEST_RETRY_SECONDS / 10
        code = withheld.reason[1:]
        result = Result(row.pk, row.attempt, DeliveryState.QUEUED, code, delay=delay)
    else:
        result = Result(row.pk, row.attempt, DeliveryState.WITHHELD, withheld.reason)
    prepared.results.append(result)
