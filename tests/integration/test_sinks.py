"""The demo's mail server and SMS gateway: what was accepted is kept, also through a kill."""

from __future__ import annotations

import json
import smtplib
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sinks import REPOSITORY, Sinks


@contextmanager
def running(folder: Path) -> Iterator[Sinks]:
    with subprocess.Popen(
        [sys.executable, "-m", "micic_portal.demo.sinks", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as process:
        try:
            assert process.stdout is not None
            yield Sinks(**json.loads(process.stdout.readline()))
        finally:
            process.kill()


def post(sinks: Sinks, key: str, **fields: str) -> int:
    request = urllib.request.Request(
        f"{sinks.base}/messages",
        data=json.dumps(fields).encode(),
        headers={"Authorization": "Bearer x", "Idempotency-Key": key},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


SMS = {"to": "+9779800000000", "sender": "S", "text": "مرحبا", "reference": "r1"}


def test_what_was_accepted_survives_a_kill(tmp_path: Path):
    with running(tmp_path) as sinks:
        assert post(sinks, "r1", **SMS) == 201
        with smtplib.SMTP("127.0.0.1", sinks.smtp_port) as client:
            mail = "Subject: Flood\r\nX-Reference: r2\r\n\r\n.dot\r\n..two\r\n"
            client.sendmail("a@a.example", ["b@b.example"], mail)
    with (tmp_path / "messages.jsonl").open("ab") as file:
        file.write(b'{"channel": "sms", "to": "cut sho')
    with running(tmp_path) as sinks:
        assert sinks.references() == {"r1", "r2"}
        newest, oldest = sinks.messages()
        assert (newest["subject"], newest["to"]) == ("Flood", "b@b.example")
        assert newest["body"] == ".dot\r\n..two\r\n"
        assert oldest["body"] == "مرحبا"
        assert post(sinks, "r1", **SMS) == 201  # The key is remembered.
        counts = sinks.counts()
        assert (counts["sms"], counts["duplicates"], counts["delivered_twice"]) == (1, 1, 0)
        assert [one["reference"] for one in sinks.messages("to=b@b.example")] == ["r2"]
        assert [one["reference"] for one in sinks.messages("limit=1&offset=1")] == ["r1"]


def test_what_cannot_be_understood_is_refused(sinks: Sinks):
    assert post(sinks, "r1", to="+1") == 400
    with pytest.raises(urllib.error.HTTPError) as refused:
        sinks.play(no_such_fault=1)
    refused.value.close()
    assert refused.value.code == 400
    assert sinks.counts()["sms"] == 0


def test_nobody_else_on_the_network_is_served(sinks: Sinks):
    other = next(
        (
            str(found[4][0])
            for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
            if not str(found[4][0]).startswith("127.")
        ),
        "127.0.0.2",
    )
    for port in (sinks.smtp_port, sinks.http_port):
        with pytest.raises(OSError), socket.create_connection((other, port), timeout=5):
            pass
