"""The demo's gateways call the portal back as providers do, on good days and on bad ones."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from micic_portal.demo.sinks.twilio import ACCOUNT, SENDER, TOKEN
from tests.sinks import WEBHOOK_SECRET, Sinks


@dataclass
class Portal:
    """Whoever is called back: keeps the calls and answers what it is told to."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)  # of the next answers; then 200
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def wait_for(self, number: int) -> list[tuple[str, dict[str, str], bytes]]:
        until = time.monotonic() + 20
        while len(self.calls) < number and time.monotonic() < until:
            time.sleep(0.02)
        return self.calls

    def receipts(self, number: int) -> list[dict[str, str]]:
        """Of all calls, once `number` have come."""
        calls = self.wait_for(number)
        return [one for _, _, body in calls for one in json.loads(body)["receipts"]]


@pytest.fixture
def portal() -> Iterator[Portal]:
    found = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.calls.append((self.path, dict(self.headers), body))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def calling(sinks: Sinks, portal: Portal) -> Iterator[Sinks]:
    sinks.call_back(portal.url)
    yield sinks
    sinks.clear()


def send(sinks: Sinks, reference: str) -> None:
    fields = {"to": "+9779800000000", "sender": "S", "text": "Flood", "reference": reference}
    request = urllib.request.Request(
        f"{sinks.base}/messages",
        data=json.dumps(fields).encode(),
        headers={"Authorization": "Bearer x", "Idempotency-Key": reference},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 201


def send_by_twilio(sinks: Sinks, token: str = TOKEN, **fields: str) -> tuple[int, dict[str, Any]]:
    url = f"{sinks.base}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
    passwords.add_password(None, url, ACCOUNT, token, is_authenticated=True)
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
    try:
        with opener.open(url, urllib.parse.urlencode(fields).encode(), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_receipt_is_signed_and_names_the_message(calling: Sinks, portal: Portal):
    send(calling, "r1")
    [receipt] = portal.receipts(1)
    assert receipt == {"id": "sink-1", "reference": "r1", "status": "delivered"}
    path, headers, body = portal.calls[0]
    assert path == "/channels/sms/gateway/"
    signed = headers["X-Timestamp"].encode() + b"." + body
    expected = hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={expected}"
    assert calling.counts()["receipts"] == 1


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("failed", ["failed"]),
        ("duplicate", ["delivered", "delivered"]),
        ("disorder", ["delivered", "accepted"]),
    ],
)
def test_a_receipts_fault_is_played(
    calling: Sinks, portal: Portal, fault: str, statuses: list[str]
):
    calling.play(**{f"receipt_{fault}_percent": 100, "receipt_seconds": 0})
    send(calling, "r1")
    assert [one["status"] for one in portal.receipts(len(statuses))] == statuses
    assert calling.counts()["injected"] == {f"sms_receipt_{fault}": 1}


def test_an_early_receipt_comes_before_the_answer(calling: Sinks, portal: Portal):
    calling.play(receipt_early_percent=100, receipt_seconds=1000)
    send(calling, "r1")
    assert len(portal.calls) == 1


def test_a_message_may_get_no_receipt(calling: Sinks, portal: Portal):
    calling.play(receipt_never_percent=100, receipt_seconds=0)
    send(calling, "r1")
    calling.play(receipt_seconds=0)
    send(calling, "r2")
    assert [one["reference"] for one in portal.receipts(1)] == ["r2"]


def test_a_receipt_is_repeated_until_it_is_taken(calling: Sinks, portal: Portal):
    portal.statuses = [503, 429]
    send(calling, "r1")
    assert len(portal.receipts(3)) == 3
    assert calling.counts()["receipts_refused"] == 0


def test_a_forgotten_message_was_answered_and_is_nowhere(calling: Sinks, portal: Portal):
    calling.play(forget_percent=100, receipt_seconds=0)
    send(calling, "r1")
    counts = calling.counts()
    assert (counts["sms"], counts["injected"]) == (0, {"sms_forget": 1})
    calling.play(receipt_seconds=0)
    send(calling, "r1")  # The same key is as good as new.
    assert [one["reference"] for one in portal.receipts(1)] == ["r1"]


def test_an_answer_by_sms_is_sent_on(calling: Sinks, portal: Portal):
    assert calling.answer("+9779800000000", "AYUDA 1", to="S", id="in-1") == 200
    told = {"id": "in-1", "from": "+9779800000000", "to": "S", "text": "AYUDA 1"}
    assert json.loads(portal.calls[0][2]) == {"messages": [told]}


def test_only_this_machine_is_called(sinks: Sinks):
    with pytest.raises(urllib.error.HTTPError) as refused:
        sinks.call_back("https://portal.example")
    refused.value.close()
    assert refused.value.code == 400


def test_twilio_tells_its_receipt_where_the_message_said(calling: Sinks, portal: Portal):
    calling.play(receipt_seconds=0)
    status, answer = send_by_twilio(
        calling,
        To="+9779800000000",
        From=SENDER,
        Body="Flood",
        StatusCallback=f"{portal.url}/here/?delivery=r1",
    )
    assert (status, answer["status"]) == (201, "queued")
    [(path, headers, body)] = portal.wait_for(1)
    fields = dict(urllib.parse.parse_qsl(body.decode()))
    assert path == "/here/?delivery=r1"
    assert (fields["MessageSid"], fields["MessageStatus"]) == (answer["sid"], "delivered")
    assert headers["X-Twilio-Signature"]
    assert calling.references() == {"r1"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "a" * 1601}, 21617),
        ({"To": "0123"}, 21211),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"From": "A NAME THAT IS TOO LONG"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"StatusCallback": "https://elsewhere.example/"}, 21609),
    ],
)
def test_twilio_refuses_what_the_real_one_refuses(sinks: Sinks, fields: dict[str, str], code: int):
    good = {"To": "+9779800000000", "From": SENDER, "Body": "Flood"}
    status, answer = send_by_twilio(sinks, **(good | fields))
    assert (status, answer["code"]) == (400, code)
    assert sinks.counts()["sms"] == 0


def test_twilio_knows_its_customer(sinks: Sinks):
    status, answer = send_by_twilio(sinks, "wrong", To="+1", From=SENDER, Body="Flood")
    assert (status, answer["code"]) == (401, 20003)
