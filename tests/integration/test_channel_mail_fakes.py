"""The mail services that stand in for the real ones refuse what those refuse.

Without this a test against them would prove nothing. Written from the services' own descriptions
of their interfaces, and asked in the rawest way: no library of ours in between.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest

from tests import mail_services
from tests.mail_services import KEY, SIGNING_KEY, SendGridKey, mailgun_call

BASIC = base64.b64encode(f"api:{KEY}".encode()).decode()
MAILGUN = {"Authorization": f"Basic {BASIC}", "Content-Type": "application/x-www-form-urlencoded"}
POSTMARK = {"X-Postmark-Server-Token": KEY, "Content-Type": "application/json"}
SENDGRID = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
FORM = {"from": "u@capital.example", "to": "a@example.org", "subject": "s", "text": "t"}
MAIL = {"From": "u@capital.example", "To": "a@example.org", "Subject": "s", "TextBody": "t"}
SENT: dict[str, Any] = {
    "personalizations": [{"to": [{"email": "a@example.org"}]}],
    "from": {"email": "u@capital.example"},
    "subject": "s",
    "content": [{"type": "text/plain", "value": "t"}],
}


def ask(name: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    with mail_services.serve(name) as service:
        request = urllib.request.Request(f"{service.url}{path}", body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                assert len(service.taken) == 1
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                assert service.taken == []
                return refusal.code, refusal.read()


def mailgun(form: dict[str, str], headers: dict[str, str] = MAILGUN, domain: str = "mail") -> Any:
    path = f"/v3/{domain}.capital.example/messages"
    return ask("mailgun", path, headers, urlencode(form).encode())


def postmark(mail: object, headers: dict[str, str] = POSTMARK) -> Any:
    status, body = ask("postmark", "/email", headers, json.dumps(mail).encode())
    return status, json.loads(body)["ErrorCode"]


def sendgrid(mail: object, headers: dict[str, str] = SENDGRID) -> Any:
    return ask("sendgrid", "/v3/mail/send", headers, json.dumps(mail).encode())


def test_mailgun_takes_a_whole_form_and_names_it():
    status, body = mailgun(FORM)
    answer = json.loads(body)
    assert (status, answer["message"]) == (200, "Queued. Thank you.")
    assert answer["id"].startswith("<")


def test_mailgun_refuses_a_wrong_key_and_another_domain():
    assert mailgun(FORM, {**MAILGUN, "Authorization": "Basic eDp5"}) == (401, b"Forbidden")
    assert mailgun(FORM, {"Content-Type": MAILGUN["Content-Type"]})[0] == 401
    assert mailgun(FORM, domain="other") == (404, b'{"message": "Domain not found"}')


@pytest.mark.parametrize("left_out", ["from", "to", "subject", "text"])
def test_mailgun_refuses_a_form_with_a_field_left_out(left_out: str):
    form = {name: value for name, value in FORM.items() if name != left_out}
    assert mailgun(form)[0] == 400


@pytest.mark.parametrize("to", ["nobody", "@", "refused@example.org"])
def test_mailgun_refuses_what_is_no_address(to: str):
    status, body = mailgun({**FORM, "to": to})
    assert (status, b"'to' parameter is not a valid address" in body) == (400, True)


def test_postmark_takes_a_whole_mail():
    assert postmark(MAIL) == (200, 0)


@pytest.mark.parametrize(
    ("mail", "headers", "answer"),
    [
        (MAIL, {}, (401, 10)),
        (MAIL, {**POSTMARK, "X-Postmark-Server-Token": "wrong"}, (401, 10)),
        ([], POSTMARK, (422, 402)),
        ({**MAIL, "From": "x@elsewhere.example"}, POSTMARK, (422, 400)),
        ({**MAIL, "To": "nobody"}, POSTMARK, (422, 300)),
        ({**MAIL, "To": "refused@example.org"}, POSTMARK, (422, 406)),
        ({**MAIL, "TextBody": ""}, POSTMARK, (422, 300)),
    ],
)
def test_postmark_refuses(mail: object, headers: dict[str, str], answer: tuple[int, int]):
    assert postmark(mail, headers) == answer


def test_sendgrid_takes_a_whole_mail_and_says_nothing():
    assert sendgrid(SENT) == (202, b"")


@pytest.mark.parametrize(
    ("mail", "headers", "status"),
    [
        (SENT, {"Content-Type": "application/json"}, 401),
        (SENT, {**SENDGRID, "Authorization": "Bearer wrong"}, 401),
        ([], SENDGRID, 400),
        ({**SENT, "personalizations": []}, SENDGRID, 400),
        ({**SENT, "content": []}, SENDGRID, 400),
        ({**SENT, "from": {"email": "x@elsewhere.example"}}, SENDGRID, 403),
        (
            {**SENT, "personalizations": [{"to": [{"email": "refused@x.example"}]}]},
            SENDGRID,
            400,
        ),
    ],
)
def test_sendgrid_refuses(mail: object, headers: dict[str, str], status: int):
    assert sendgrid(mail, headers)[0] == status


def test_mailgun_signs_time_and_token():
    """https://documentation.mailgun.com: HMAC-SHA256 of both, with the webhook signing key."""
    block = json.loads(mailgun_call({"event": "delivered"})[1])["signature"]
    made = hmac.new(
        SIGNING_KEY.encode(), (block["timestamp"] + block["token"]).encode(), hashlib.sha256
    )
    assert block["signature"] == made.hexdigest()


def test_sendgrid_signs_time_and_body_and_shows_half_of_its_key():
    key = SendGridKey()
    headers, body = key.call([{"event": "delivered"}])
    assert json.loads(body) == [{"event": "delivered"}]
    assert base64.b64decode(headers["X-Twilio-Email-Event-Webhook-Signature"])[0] == 0x30
    assert base64.b64decode(key.public)[0] == 0x30
