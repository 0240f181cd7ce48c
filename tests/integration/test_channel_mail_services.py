"""The mail channel over mail services: anymail's own backends against what speaks as they do."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Iterator

import pytest

from notifications.channels.mail.services import line
from notifications.channels.mail.services.catalogue import SERVICES
from notifications.channels.mail.transport import compose, open_transport
from notifications.channels.ports import UNSUBSCRIBE, Letter, Outcome, Verdict
from notifications.models import MessageText
from notifications.providers import Provider
from tests import mail_services
from tests.mail_services import KEY, Reply, Request, Service

pytestmark = pytest.mark.filterwarnings(
    "ignore::anymail.exceptions.AnymailNotSupportedWarning"  # anymail's word on SendGrid
)
SENDER = '"Consular Service, Solandia" <consular@mail.capital.example>'
PATHS = {"mailgun": "/v3", "sendgrid": "/v3"}
SPOKEN = ["mailgun", "postmark", "sendgrid"]


def provider_for(backend: str, url: str, **options: str) -> Provider:
    known = SERVICES[backend]
    needed = dict.fromkeys(known.needs, KEY)
    return Provider(
        "mail",
        "relay",
        {
            **needed,
            "name": "relay",
            "shape": "anymail",
            "backend": backend,
            "sender": SENDER,
            "api_url": f"{url}{PATHS.get(backend, '')}",
            **options,
        },
    )


@pytest.fixture(params=SPOKEN)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def service(backend: str) -> Iterator[Service]:
    with mail_services.serve(backend) as service:
        yield service


def letters(provider: Provider, addresses: list[str], **values: str) -> list[Letter]:
    text = MessageText(language="ar", subject="تحذير: {place}", body="قبل {place}\nنهاية 🌊")
    composer = compose(text, provider)
    values = {"place": "كاتماندو", **values}
    return [composer.fill(uuid.uuid4(), address, values) for address in addresses]


def send(provider: Provider, sent: list[Letter]) -> list[Outcome]:
    async def go() -> list[Outcome]:
        transport = open_transport(provider)
        try:
            return await transport.send(sent)
        finally:
            await transport.close()

    return asyncio.run(go())


def one(provider: Provider, address: str = "a@example.org") -> Outcome:
    return send(provider, letters(provider, [address]))[0]


def recipients(backend: str, request: Request) -> list[str]:
    if backend == "mailgun":
        return request.form()["to"].split(",")
    mail = request.json()
    if backend == "postmark":
        return mail["To"].split(",")
    return [to["email"] for person in mail["personalizations"] for to in person["to"]]


def metadata(backend: str, request: Request) -> str:
    """Our id where the service keeps it to say it again."""
    if backend == "mailgun":
        return request.form()["v:delivery_id"]
    return request.json()["Metadata" if backend == "postmark" else "custom_args"]["delivery_id"]


def test_each_mail_has_one_recipient_and_carries_our_id(backend: str, service: Service):
    provider = provider_for(backend, service.url)
    sent = letters(provider, [f"person-{number}@example.org" for number in range(40)])
    outcomes = send(provider, sent)
    assert {(outcome.verdict, outcome.code) for outcome in outcomes} == {(Verdict.ACCEPTED, "")}
    assert len({outcome.reference for outcome in outcomes}) == 40
    arrived = {tuple(recipients(backend, request)): request for request in service.taken}
    assert arrived.keys() == {(letter.address,) for letter in sent}
    for letter in sent:
        request = arrived[(letter.address,)]
        assert metadata(backend, request) == str(letter.delivery_id)
        assert request.headers["idempotency-key"] == str(letter.delivery_id)


def test_connections_are_kept(backend: str, service: Service):
    provider = provider_for(backend, service.url)
    send(provider, letters(provider, [f"person-{number}@example.org" for number in range(40)]))
    assert service.asked == 40
    assert service.connections <= 20  # two mails each


def test_words_sender_and_headers_arrive(service: Service, backend: str):
    provider = provider_for(backend, service.url)
    [letter] = letters(
        provider, ["a@example.org"], **{UNSUBSCRIBE: "https://portal.example/stop/x"}
    )
    send(provider, [letter])
    [request] = service.taken
    if backend == "mailgun":
        form = request.form()
        mail = (form["from"], form["subject"], form["text"], form["h:List-Unsubscribe"])
        language = form["h:Content-Language"]
        assert form["o:tracking-clicks"] == form["o:tracking-opens"] == "no"
    elif backend == "postmark":
        found = request.json()
        headers = {header["Name"]: header["Value"] for header in found["Headers"]}
        mail = (found["From"], found["Subject"], found["TextBody"], headers["List-Unsubscribe"])
        language = headers["Content-Language"]
        assert (found["TrackLinks"], found["TrackOpens"]) == ("None", False)
    else:
        found = request.json()
        sender = f'"{found["from"]["name"]}" <{found["from"]["email"]}>'
        headers = found["headers"]
        body = found["content"][0]
        assert body["type"] == "text/plain"
        mail = (sender, found["subject"], body["value"], headers["List-Unsubscribe"])
        language = headers["Content-Language"]
        assert not found["tracking_settings"]["click_tracking"]["enable"]
    assert language == "ar"
    assert mail == (
        SENDER,
        "تحذير: كاتماندو",
        "قبل كاتماندو\nنهاية 🌊\n",
        "<https://portal.example/stop/x>",
    )


def test_no_value_forges_a_header_or_a_field(service: Service, backend: str):
    sender = '"Us\r\nBcc: b@x.example" <consular@mail.capital.example>'
    provider = provider_for(backend, service.url, sender=sender)
    forged = "x\r\nBcc: everyone@example.org\u2028&to=everyone@example.org"
    [letter] = letters(provider, ["a@example.org"], place=forged)
    [outcome] = send(provider, [letter])
    assert outcome.verdict is Verdict.ACCEPTED
    [request] = service.taken
    assert recipients(backend, request) == ["a@example.org"]
    fields = request.form() if backend == "mailgun" else request.json()
    assert not {"bcc", "Bcc", "cc", "Cc"} & fields.keys()
    subject = fields.get("subject") or fields["Subject"]
    assert subject.splitlines() == [subject]


def test_a_refused_recipient_is_given_up_and_says_nothing_of_the_others(
    service: Service, backend: str
):
    provider = provider_for(backend, service.url)
    outcomes = send(provider, letters(provider, ["refused@example.org", "b@example.org"]))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.FAILED, Verdict.ACCEPTED]


def test_a_wrong_key_gives_nobody_up(service: Service, backend: str):
    [key] = SERVICES[backend].needs
    outcome = one(provider_for(backend, service.url, **{key: "wrong"}))
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "mail_refused_us_401")


def test_a_sender_that_is_not_ours_gives_nobody_up(service: Service, backend: str):
    outcome = one(provider_for(backend, service.url, sender="x@elsewhere.example"))
    assert outcome.verdict is Verdict.RETRY
    assert outcome.code.startswith("mail_refused_us_")


def answering(status: int, body: bytes = b"", *header: str) -> dict[str, object]:
    reply: Reply = (status, dict([header]) if header else {}, body)  # type: ignore[list-item]
    return {"fault": lambda request: reply}


HTML = b"<html><body>Welcome to the hotel's network, a@example.org</body></html>"


@pytest.mark.parametrize(
    ("fault", "verdict", "code"),
    [
        (answering(429, b"", "Retry-After", "7"), Verdict.RETRY, "mail_429"),
        (answering(500), Verdict.RETRY, "mail_500"),
        (answering(503, HTML), Verdict.RETRY, "mail_503"),
        (answering(403, HTML), Verdict.RETRY, "mail_refused_us_403"),
        (answering(302, b"", "Location", "http://127.0.0.1:1/"), Verdict.RETRY, "mail_refused_us_"),
        (answering(409, b"{}"), Verdict.UNCERTAIN, "mail_seen_before"),
        (answering(400, b'{"code": "x", "message": "sender blocked"}'), Verdict.RETRY, "mail_ref"),
        ({"drop": True}, Verdict.UNCERTAIN, "mail_unanswered"),
    ],
)
def test_what_a_fault_means(
    service: Service, backend: str, fault: dict[str, object], verdict: Verdict, code: str
):
    for name, value in fault.items():
        setattr(service, name, value)
    outcome = one(provider_for(backend, service.url))
    assert outcome.verdict is verdict
    assert outcome.code.startswith(code)
    assert outcome.retry_after == (7.0 if code == "mail_429" else None)
    assert service.asked == 1  # Nothing tries again by itself, and no redirection is followed.


@pytest.mark.parametrize("body", [HTML, b"", b"\xff\xfe", b"[1, 2]", b'{"id": {}}', b"null"])
@pytest.mark.parametrize("name", ["mailgun", "postmark"])  # SendGrid's status says all.
def test_garbage_for_an_answer_leaves_a_doubt(name: str, body: bytes):
    with mail_services.serve(name) as service:
        service.fault = lambda request: (200, {"Content-Type": "application/json"}, body)
        assert one(provider_for(name, service.url)).verdict is Verdict.UNCERTAIN


def test_an_endless_answer_is_not_read_to_its_end(
    service: Service, backend: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(line, "BODY_LIMIT", 1000)
    read: list[int] = []
    beginning = line._beginning

    def counted(raw: object) -> bytes:
        read.append(len(body := beginning(raw)))  # type: ignore[arg-type]
        return body

    monkeypatch.setattr(line, "_beginning", counted)
    service.fault = lambda request: (500, {}, b"x" * 5_000_000)
    assert one(provider_for(backend, service.url)).verdict is Verdict.RETRY
    assert read == [1000]


def test_silence_after_the_request_leaves_a_doubt(
    service: Service, backend: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("notifications.channels.mail.services.opening.TOTAL_SECONDS", 0.2)
    service.hang = 1.0
    outcome = one(provider_for(backend, service.url))
    assert (outcome.verdict, outcome.code) == (Verdict.UNCERTAIN, "mail_unanswered")


def test_a_service_that_is_not_there_gets_nothing(backend: str):
    outcome = one(provider_for(backend, "http://127.0.0.1:1"))
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "mail_unreachable")


def test_a_service_that_speaks_no_tls_gets_nothing(service: Service, backend: str):
    outcome = one(provider_for(backend, service.url.replace("http:", "https:")))
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "mail_unreachable")
    assert service.asked == 0


def test_nobody_stands_in_a_log(service: Service, backend: str, caplog: pytest.LogCaptureFixture):
    provider = provider_for(backend, service.url)
    with caplog.at_level(logging.DEBUG):
        one(provider, "secret@example.org")
        one(provider, "refused@example.org")
        service.fault = lambda request: (500, {}, b"secret@example.org")
        one(provider, "secret@example.org")
        service.drop = True
        one(provider, "secret@example.org")
    assert "@example.org" not in caplog.text
    assert KEY not in caplog.text


WITHOUT_REQUESTS = {"amazon_ses"}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - WITHOUT_REQUESTS))
def test_every_service_of_anymail_is_spoken_to(name: str):
    """Their backends run as ours: one recipient, our key, a refusal of us that gives nobody up."""
    asked: list[Request] = []
    with mail_services.serve(name) as service:
        service.fault = lambda request: asked.append(request)  # and goes on
        provider = provider_for(name, service.url, **_only_wrong_keys(name))
        outcome = one(provider, "person@example.org")
        assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "mail_refused_us_401")
        service.hang = 0.0
        service.drop = True
        assert one(provider).verdict is Verdict.UNCERTAIN
    assert one(provider).code == "mail_unreachable"
    [first] = asked
    assert first.body.decode().replace("%40", "@").count("person@example.org") in {1, 2}
    assert first.headers["idempotency-key"]


def _only_wrong_keys(name: str) -> dict[str, str]:
    return {need: "wrong" for need in SERVICES[name].needs if need != "api_url"}


def test_two_services_of_one_kind_stand_side_by_side():
    with mail_services.serve("postmark") as first, mail_services.serve("postmark") as second:
        right, wrong = (
            provider_for("postmark", first.url),
            provider_for("postmark", second.url, server_token="another"),
        )
        assert one(right).verdict is Verdict.ACCEPTED
        assert one(wrong).verdict is Verdict.RETRY
        assert (len(first.taken), len(second.taken)) == (1, 0)


@pytest.mark.parametrize(("name", "field"), [("brevo", "idempotencyKey"), ("unisender_go", "idem")])
def test_a_service_that_wants_the_key_in_the_mail_gets_it_there(name: str, field: str):
    asked: list[Request] = []
    with mail_services.serve(name) as service:
        service.fault = lambda request: asked.append(request)
        one(provider_for(name, service.url))
    text = json.dumps(asked[0].json())
    assert f"{asked[0].headers['idempotency-key']}" in text.split(field)[1]


def test_a_service_that_cannot_be_opened_delays_and_loses_nobody():
    assert (
        one(provider_for("postmark", "http://127.0.0.1:1", server_token="")).code == "mail_not_set"
    )
    outcome = one(provider_for("amazon_ses", "http://127.0.0.1:1"))
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "mail_not_set")


def test_a_trickling_answer_is_cut_short(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(line, "TOTAL_SECONDS", 0.0)

    class Trickle:
        closed = False

        def read1(self, size: int, *, decode_content: bool) -> bytes:
            assert not self.closed, "read on after the end of its time"
            time.sleep(0.001)
            return b"x"

        def close(self) -> None:
            self.closed = True

    assert line._beginning(Trickle()) == b"x"  # type: ignore[arg-type]
