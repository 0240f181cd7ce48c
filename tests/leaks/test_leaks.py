"""What people entrusted to the portal stands in the clear nowhere: not in a log, a task, the
broker, the cache, an address, an error, a mail's headers, nor in the database's own files."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import redis

from micic_portal.embedded.folders import Folders
from micic_portal.environment import redis_cache_url
from tests.leaks.canaries import Canaries, canaries_in
from tests.leaks.journey import Journey
from tests.portal import Portal, running_portal

# Sealed, and yet no canary fits: words chosen from a list, which rule a row breaks, a random key,
# and the network address of this machine.
UNPLANTABLE = {
    "registrations.Person.gender",
    "registrations.Upload.problems",
    "audit.NoteKey.key",
    "accounts.UserSession.address",
}


@dataclass(slots=True)
class Heard:
    """Everything that was said anywhere, by where it was."""

    seed: str
    unplanted: list[str] = field(default_factory=list)
    said: dict[str, bytes] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    broken_status: int = 0


class Listener(threading.Thread):
    """Hears every command that the broker and the cache are given."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(daemon=True)
        self.client = client
        self.heard: list[str] = []

    def run(self) -> None:
        # It ends when the portal stops its broker.
        with suppress(redis.ConnectionError), self.client.monitor() as monitor:
            for command in monitor.listen():
                self.heard.append(command["command"])


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    """One run for all: planted, used, and stopped, so that every page is on disk."""
    found = Heard(seed=secrets.token_hex(16))
    folder = tmp_path_factory.mktemp("leaks") / "var"
    with running_portal(folder, people=60) as portal:
        _live(portal, found)
        _download(portal, found)
    found.said["logs"] = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.log")))
    home = Folders.of(folder).home
    found.files = [
        path
        for root in {folder, home}
        for path in sorted(root.rglob("*"))
        # The recipients' own messages are read one by one.
        if path.is_file() and not path.is_symlink() and path.name != "messages.jsonl"
    ]
    sent = (folder / "demo" / "sinks" / "messages.jsonl").read_text()
    found.messages = [json.loads(line) for line in sent.splitlines()]
    return found


def _live(portal: Portal, found: Heard) -> None:
    client = redis.Redis.from_url(redis_cache_url(portal.redis_url))
    listener = Listener(client)
    listener.start()
    journey = Journey(portal, found.seed)
    journey.half_register()
    planted = portal.call("tests.leaks.planting:plant", found.seed)
    path = journey.answer()
    found.broken_status = journey.answer_while_broken(path)
    journey.text_back()
    journey.officer_reads(planted["crisis"], planted["person"])
    back = portal.call("tests.leaks.planting:read_back", found.seed)
    found.unplanted = back["unplanted"]
    found.said["sessions"] = json.dumps(back["sessions"]).encode()
    found.said["addresses"] = "\n".join(journey.addresses).encode()
    found.said["broker and cache, as told"] = "\n".join(listener.heard).encode()
    found.said["broker and cache, as kept"] = _kept(client)


def _kept(client: redis.Redis) -> bytes:
    """Every key of every database, with its value."""
    parts: list[bytes] = []
    for number in client.info("keyspace"):
        pool = client.connection_pool.connection_kwargs | {"db": int(number.removeprefix("db"))}
        with redis.Redis(
            connection_pool=redis.ConnectionPool(
                connection_class=client.connection_pool.connection_class, **pool
            )
        ) as one:
            for key in one.scan_iter(count=1000):
                reading = {
                    b"string": one.get,
                    b"list": lambda name: one.lrange(name, 0, -1),
                    b"set": one.smembers,
                    b"hash": one.hgetall,
                    b"zset": lambda name: one.zrange(name, 0, -1, withscores=True),
                }[one.type(key)]
                parts += [key, repr(reading(key)).encode()]
    return b"\n".join(parts)


def _download(portal: Portal, found: Heard) -> None:
    """What tells about the portal without signing in."""
    with urlopen(f"{portal.url}/health/", timeout=10) as answer:
        found.said["health"] = answer.read() + str(answer.headers).encode()


def test_every_sealed_field_was_planted(heard: Heard) -> None:
    assert set(heard.unplanted) <= UNPLANTABLE


def test_an_error_was_met(heard: Heard) -> None:
    assert heard.broken_status == 500
    assert b"Traceback" in heard.said["logs"]


def test_nothing_that_was_said_holds_a_canary(heard: Heard) -> None:
    assert heard.said["broker and cache, as told"]
    found = {where: canaries_in(said, heard.seed) for where, said in heard.said.items()}
    assert {where: names for where, names in found.items() if names} == {}


def test_no_file_of_the_portal_holds_a_canary(heard: Heard) -> None:
    """The database's tables, indexes and write-ahead log, and whatever else was written."""
    searched = {path.parent.name for path in heard.files}
    assert "pg_wal" in searched
    found = {str(path): canaries_in(path.read_bytes(), heard.seed) for path in heard.files}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_mail_names_nobody_but_its_recipient_in_its_headers(heard: Heard) -> None:
    mails = [one for one in heard.messages if one["channel"] == "mail"]
    own = Canaries(heard.seed).mail("own")
    assert any(one["to"] == own for one in mails)
    for one in mails:
        message = message_from_bytes(one["raw"].encode("latin-1"), policy=policy.default)
        headers = "\n".join(f"{name}: {value}" for name, value in message.items())
        rest = headers.replace(one["to"], "")
        assert canaries_in(rest.encode(), heard.seed) == set()


def test_the_search_finds_what_is_there(heard: Heard) -> None:
    """A canary in a plain line, in another case, and inside base64 would all be found."""
    word = Canaries(heard.seed).word("note")
    assert canaries_in(f"x {word.upper()} y".encode(), heard.seed) == {"word note"}
    for lead in ("", "a", "ab"):
        hidden = base64.b64encode(f"{lead}{word} and more".encode())
        assert canaries_in(hidden, heard.seed) == {"word note"}
