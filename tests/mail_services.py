"""Three mail services as they speak: requests, refusals, and calls signed as theirs are.

What they refuse is theirs too, and test_channel_mail_fakes.py holds them to it: a test that is
green against a fake which takes anything would say nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

KEY = "key-of-the-portal"
SIGNING_KEY = "signing-key-of-the-portal"
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Request:
    path: str
    headers: dict[str, str]  # names in small letters
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Service:
    """What arrived, and the fault that is played instead of an answer."""

    url: str = ""
    taken: list[Request] = field(default_factory=list)
    asked: int = 0
    connections: int = 0
    fault: Callable[[Request], Reply | None] | None = None
    hang: float = 0.0  # seconds before the answer, after the request was read
    drop: bool = False  # closes the connection instead of answering


def _json(status: int, answer: object, **headers: str) -> Reply:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(answer).encode()


def _mailgun(request: Request) -> Reply:
    """POST /v3/<domain>/messages, form fields, Basic authentication as "api"."""
    expected = base64.b64encode(f"api:{KEY}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {expected}":
        return 401, {"Content-Type": "text/html"}, b"Forbidden"
    if request.path != "/v3/mail.capital.example/messages":
        return _json(404, {"message": "Domain not found"})
    form = request.form()
    for name in ("from", "to", "subject"):
        if not form.get(name):
            return _json(400, {"message": f"{name} parameter is missing"})
    if not (form.get("text") or form.get("html")):
        return _json(400, {"message": "Need at least one of 'text' or 'html' parameters specified"})
    if not _ADDRESS.search(form["to"]) or "refused" in form["to"]:
        message = "'to' parameter is not a valid address. please check documentation"
        return _json(400, {"message": message})
    if not form["from"].rstrip(">").endswith("capital.example"):
        return _json(400, {"message": "'from' parameter is not a valid address."})
    name = f"<20261123.{uuid.uuid4().hex}@mail.capital.example>"
    return _json(200, {"id": name, "message": "Queued. Thank you."})


def _postmark(request: Request) -> Reply:
    """POST /email as JSON, its token in a header of its own."""

    def refuse(code: int, message: str, status: int = 422) -> Reply:
        return _json(status, {"ErrorCode": code, "Message": message})

    if request.headers.get("x-postmark-server-token") != KEY:
        return refuse(10, "Bad or missing Server API token.", 401)
    mail = request.json()
    if not isinstance(mail, dict):
        return refuse(402, "Received invalid JSON input.")
    if not mail.get("From", "").rstrip(">").endswith("capital.example"):
        return refuse(400, f"The 'From' address you supplied ({mail.get('From')}) is not a sender.")
    to = mail.get("To", "")
    if not _ADDRESS.search(to):
        return refuse(300, f"Invalid 'To' address: '{to}'.")
    if "refused" in to:
        return refuse(
            406,
            "You tried to send to recipient(s) that have been marked as inactive.\n"
            f"Found inactive addresses: {to}.\nInactive recipients are ones that bounced.",
        )
    if not (mail.get("TextBody") or mail.get("HtmlBody")):
        return refuse(300, "Provide either email TextBody or HtmlBody or both.")
    return _json(200, {"To": to, "MessageID": str(uuid.uuid4()), "ErrorCode": 0, "Message": "OK"})


def _sendgrid(request: Request) -> Reply:
    """POST /v3/mail/send as JSON, a bearer token; an empty answer."""

    def refuse(status: int, message: str, where: str | None = None) -> Reply:
        return _json(status, {"errors": [{"message": message, "field": where, "help": None}]})

    if request.headers.get("authorization") != f"Bearer {KEY}":
        return refuse(401, "The provided authorization grant is invalid, expired, or revoked")
    mail = request.json()
    if not isinstance(mail, dict):
        return refuse(400, "Bad Request")
    if not mail.get("personalizations"):
        return refuse(400, "The personalizations field is required.", "personalizations")
    if not mail.get("content"):
        return refuse(400, "The content parameter is required.", "content")
    [person] = mail["personalizations"]
    if "refused" in person["to"][0]["email"]:
        return refuse(400, "Does not contain a valid address.", "personalizations.0.to.0.email")
    if not mail.get("from", {}).get("email", "").endswith("capital.example"):
        return refuse(403, "The from address does not match a verified Sender Identity.", "from")
    return 202, {"X-Message-Id": uuid.uuid4().hex}, b""


_SPEAK = {"mailgun": _mailgun, "postmark": _postmark, "sendgrid": _sendgrid}


@contextmanager
def serve(backend: str) -> Iterator[Service]:
    """One service on a port of its own. Another name: one that refuses every key."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def setup(self) -> None:
            service.connections += 1
            super().setup()

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, self.rfile.read(length))
            service.asked += 1
            if service.drop:
                self.close_connection = True
                return
            time.sleep(service.hang)
            faulty = service.fault(request) if service.fault else None
            speak = _SPEAK.get(backend, lambda request: _json(401, {"message": "Unauthorized"}))
            status, named, body = faulty or speak(request)
            if status < 300 and not faulty:
                service.taken.append(request)
            self.send_response(status)
            for name, value in {**named, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

        def handle_error(self, *args: object) -> None:
            pass  # A client that went away while we kept it waiting.

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


# How each signs what it tells us. All return (headers, body).
Signed = tuple[dict[str, str], bytes]
_JSON = {"Content-Type": "application/json"}


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}


def postmark_call(event: dict[str, Any], secret: str = "portal:hook") -> Signed:
    return {**_JSON, **basic(secret)}, json.dumps(event).encode()


def mailgun_call(event: dict[str, Any], key: str = SIGNING_KEY) -> Signed:
    stamp, token = str(int(time.time())), uuid.uuid4().hex
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    block = {"timestamp": stamp, "token": token, "signature": signature}
    return dict(_JSON), json.dumps({"signature": block, "event-data": event}).encode()


class SendGridKey:
    """SendGrid's pair of keys: it signs with one and shows the other on its page."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        der = self._private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public = base64.b64encode(der).decode()

    def call(self, events: list[dict[str, Any]]) -> Signed:
        body, stamp = json.dumps(events).encode(), str(int(time.time()))
        signature = self._private.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            **_JSON,
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }, body
