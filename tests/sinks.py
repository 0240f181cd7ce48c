"""A real mail server and a real SMS gateway in a process of their own, for the tests that send."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

REPOSITORY = Path(__file__).resolve().parent.parent
WEBHOOK_SECRET = "the-gateways-own-secret"


class Sinks:
    """What arrived at the sinks, and the faults they are asked to play."""

    def __init__(self, smtp_port: int, http_port: int) -> None:
        self.smtp_port = smtp_port
        self.http_port = http_port
        self.base = f"http://127.0.0.1:{http_port}"

    def environment(self) -> dict[str, str]:
        """What a process of the portal needs in order to send here."""
        return {
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.smtp_port),
            "EMAIL_USE_TLS": "false",
            "SMS_GATEWAY_URL": f"{self.base}/messages",
            "SMS_GATEWAY_TOKEN": "a-token",
            "SMS_GATEWAY_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }

    def point(self, settings: Settings) -> None:
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = self.smtp_port
        settings.EMAIL_USE_TLS = False
        settings.CHANNEL_PROVIDERS = {
            **settings.CHANNEL_PROVIDERS,
            "mail": [{"name": "smtp"}],
            "sms": [
                {
                    "name": "gateway",
                    "url": f"{self.base}/messages",
                    "token": "a-token",
                    "webhook_secret": WEBHOOK_SECRET,
                }
            ],
        }

    def play(self, **faults: float) -> None:
        self._call("/control/faults", "POST", faults)

    def call_back(self, portal: str) -> None:
        """Have receipts and answers sent to the webhooks of the portal at this address."""
        self._call(
            "/control/callbacks",
            "POST",
            {
                "gateway": {"url": f"{portal}/channels/sms/gateway/", "secret": WEBHOOK_SECRET},
                "twilio": {"url": f"{portal}/channels/sms/twilio/"},
            },
        )

    def answer(self, sender: str, text: str, **more: str) -> int:
        """Somebody's SMS to the portal; returns the status of the portal's answer."""
        return self._call("/control/inbound", "POST", {"from": sender, "text": text, **more})[
            "status"
        ]

    def ask(self, path: str, **wanted: str) -> dict[str, Any]:
        """What the control interface answers to a wish of one channel's."""
        return self._call(path, "POST", wanted)

    def clear(self) -> None:
        self._call("/control/messages", "DELETE")

    def counts(self) -> dict[str, Any]:
        return self._call("/control/counts")

    def references(self) -> set[str]:
        return set(self._call("/control/references")["references"])

    def messages(self, query: str = "") -> list[dict[str, Any]]:
        return self._call(f"/control/messages?{query}")["messages"]

    def _call(self, path: str, method: str = "GET", data: object = None) -> Any:
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def _running(folder: Path) -> Iterator[Sinks]:
    with subprocess.Popen(
        [sys.executable, "-m", "micic_portal.demo.sinks", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as process:
        try:
            assert process.stdout is not None
            ports = json.loads(process.stdout.readline())
            yield Sinks(**ports)
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture(scope="session")
def sinks_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sinks]:
    with _running(tmp_path_factory.mktemp("sinks")) as sinks:
        yield sinks


@pytest.fixture(scope="session")
def backup_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sinks]:
    with _running(tmp_path_factory.mktemp("backup")) as sinks:
        yield sinks


@pytest.fixture
def sinks(sinks_process: Sinks, settings: Settings) -> Sinks:
    """Empty sinks, with the portal's settings pointed at them."""
    sinks_process.clear()
    sinks_process.point(settings)
    return sinks_process


@pytest.fixture
def backup(sinks: Sinks, backup_process: Sinks, settings: Settings) -> Sinks:
    """A second gateway for text messages, the first one's stand-in: "sms.backup"."""
    backup_process.clear()
    settings.CHANNEL_PROVIDERS["sms"].append(
        {"name": "backup", "url": f"{backup_process.base}/messages", "token": "a-token"}
    )
    return backup_process
