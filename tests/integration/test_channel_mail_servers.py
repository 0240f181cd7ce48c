"""The mail channel against a mail server that is not ours, with and without pipelining."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.management import CommandError, call_command
from pytest_django import Settings

from notifications.channels.mail.server import server_of
from notifications.channels.mail.session import MailSession
from notifications.channels.mail.transport import open_transport
from notifications.channels.ports import Fault, Letter, Outcome, Verdict
from notifications.providers import Provider

RELAY = Provider("mail", "smtp", {"name": "smtp"})


class Keeper:
    """Keeps mails; does to some recipients what servers do."""

    def __init__(self) -> None:
        self.kept: list[Envelope] = []
        self.sender_reply = "250 OK"

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.sender_reply

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        replies = {
            "gone": "550 no such user",
            "unknown": "550 5.1.1 no such user",
            "full": "452 4.2.2 mailbox full",
            "grey": "451 4.7.1 greylisted",
            "relay": "550 5.7.1 relaying denied",
            "bye": "421 bye",
        }
        reply = replies.get(address.partition("@")[0])
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 refused"
        if envelope.rcpt_tos[0].startswith("policy"):
            return "550 5.7.26 sender not authenticated"
        self.kept.append(envelope)
        return "250 kept"


class PipeliningKeeper(Keeper):
    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]


@pytest.fixture(params=[Keeper, PipeliningKeeper])
def keeper(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Keeper]:
    keeper: Keeper = request.param()
    controller: Any = Controller(keeper, hostname="127.0.0.1", port=0, ready_timeout=10)

    def greet() -> None:
        with socket.create_connection(controller.server.sockets[0].getsockname()) as caller:
            caller.recv(100)

    # The port is the system's choice, which aiosmtpd's own test connection cannot know.
    controller._trigger_server = greet
    controller.start()
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.server.sockets[0].getsockname()[1]
    settings.EMAIL_USE_TLS = False
    try:
        yield keeper
    finally:
        controller.stop()


def letter(address: str) -> Letter:
    return Letter(uuid.uuid4(), address, b"Subject: Flood\r\n\r\nR28=\r\n")


def send(addresses: list[str], provider: Provider = RELAY) -> list[Outcome]:
    async def go() -> list[Outcome]:
        transport = open_transport(provider)
        try:
            return await transport.send([letter(address) for address in addresses])
        finally:
            await transport.close()

    return asyncio.run(go())


def test_each_mail_has_one_recipient(keeper: Keeper):
    addresses = [f"person-{number}@example.org" for number in range(60)]
    assert {outcome.verdict for outcome in send(addresses)} == {Verdict.ACCEPTED}
    assert all(len(envelope.rcpt_tos) == 1 for envelope in keeper.kept)
    assert sorted(envelope.rcpt_tos[0] for envelope in keeper.kept) == sorted(addresses)


def test_one_refusal_says_nothing_of_the_others(keeper: Keeper):
    codes = [
        (outcome.verdict, outcome.code)
        for outcome in send(["gone@a.example", "b@a.example", "full@a.example", "spam@a.example"])
    ]
    assert codes == [
        (Verdict.FAILED, "smtp_550"),
        (Verdict.ACCEPTED, ""),
        (Verdict.RETRY, "smtp_452"),
        (Verdict.FAILED, "smtp_554"),
    ]


def test_a_server_that_refuses_us_gives_nobody_up(keeper: Keeper):
    keeper.sender_reply = "550 you may not send here"
    [outcome] = send(["a@a.example"])
    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "smtp_refused_us_550")
    keeper.sender_reply = "250 OK"
    assert send(["a@a.example"])[0].verdict is Verdict.ACCEPTED


def test_a_policy_of_the_server_gives_nobody_up(keeper: Keeper):
    """A relay that is not set up refuses every recipient alike."""
    outcomes = send(["relay@a.example", "policy@a.example"])
    assert [outcome.verdict for outcome in outcomes] == [Verdict.RETRY, Verdict.RETRY]
    assert {outcome.code for outcome in outcomes} == {"smtp_refused_us_550"}


def test_an_address_is_gone_only_where_the_server_says_so_for_good(keeper: Keeper):
    unknown, vague, full = send(["unknown@a.example", "gone@a.example", "full@a.example"])
    assert (unknown.verdict, unknown.gone) == (Verdict.FAILED, True)
    assert (vague.verdict, vague.gone) == (Verdict.FAILED, False)
    assert not full.gone


def test_a_busy_recipient_is_not_the_servers_fault(keeper: Keeper):
    full, grey, busy = send(["full@a.example", "grey@a.example", "bye@a.example"])
    assert {full.verdict, grey.verdict, busy.verdict} == {Verdict.RETRY}
    assert (full.fault, grey.fault) == (Fault.RECIPIENT, Fault.RECIPIENT)
    assert busy.fault is Fault.PROVIDER


def test_a_connection_that_the_server_closes_is_opened_again(keeper: Keeper):
    with MailSession(server_of(RELAY)) as session:
        assert session.deliver(letter("a@a.example")).verdict is Verdict.ACCEPTED
        assert session.deliver(letter("bye@a.example")).verdict is Verdict.RETRY
        assert session.deliver(letter("b@a.example")).verdict is Verdict.ACCEPTED
        session._smtp.sock.close()  # type: ignore[union-attr]  # as after an idle hour
        assert session.deliver(letter("c@a.example")).verdict is Verdict.ACCEPTED
    assert len(keeper.kept) == 3


def test_a_wrong_sign_in_is_our_fault(keeper: Keeper, settings: Settings):
    settings.EMAIL_HOST_USER = "portal"
    settings.EMAIL_HOST_PASSWORD = "wrong"
    assert send(["a@a.example"])[0].verdict is Verdict.RETRY


def test_two_servers_are_described_side_by_side(keeper: Keeper, settings: Settings):
    port = str(settings.EMAIL_PORT)
    settings.EMAIL_PORT = 1
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "of-the-first"
    other = Provider(
        "mail", "backup", {"host": "127.0.0.1", "port": port, "sender": "Us <us@b.example>"}
    )
    assert send(["a@a.example"])[0].code == "smtp_unreachable"
    [outcome] = send(["a@a.example"], other)
    assert outcome.verdict is Verdict.ACCEPTED  # It was not asked to take the first one's password.
    assert keeper.kept[0].mail_from == "us@b.example"


def answers_only(*replies: bytes) -> Iterator[int]:
    """A port where each line that comes in gets the next of these, and then silence."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            caller, _ = listening.accept()
            with caller, caller.makefile("rb") as said, contextlib.suppress(OSError):
                for reply in replies:
                    caller.sendall(reply)
                    if not reply or not said.readline():
                        break
                said.read()

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield listening.getsockname()[1]


READY = (b"220 ready\r\n", b"250 hello\r\n")


@pytest.mark.parametrize(
    ("replies", "verdict", "code"),
    [
        ((b"<html>Welcome to the hotel</html>\r\n",), Verdict.RETRY, "smtp_garbled"),
        ((b"\x00\xff\xfe\r\n",), Verdict.RETRY, "smtp_garbled"),
        ((), Verdict.RETRY, "smtp_unreachable"),
        ((*READY, b"what?\r\n"), Verdict.RETRY, "smtp_garbled"),
        ((*READY, b"250 ok\r\n", b"what?\r\n"), Verdict.RETRY, "smtp_garbled"),
        ((*READY, b"250 ok\r\n", b"250 ok\r\n"), Verdict.RETRY, "smtp_lost"),
        ((*READY, b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"), Verdict.UNCERTAIN, "smtp_unans"),
    ],
)
def test_garbage_and_silence(
    settings: Settings, replies: tuple[bytes, ...], verdict: Verdict, code: str
):
    settings.EMAIL_TIMEOUT = 0.3
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
    for settings.EMAIL_PORT in answers_only(*replies):
        [outcome] = send(["a@a.example"])
        assert outcome.verdict is verdict
        assert outcome.code.startswith(code)


def test_the_operator_is_told_what_is_missing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
):
    settings.CHANNEL_PROVIDERS = {"mail": [{"name": "smtp"}], "sms": [{"name": "gateway"}]}
    with pytest.raises(CommandError):
        call_command("check_channels")
    assert capsys.readouterr().out.splitlines()[:2] == [
        "mail.smtp: ready",
        "sms.gateway: SMS_GATEWAY_URL is not set to an http(s) address.",
    ]
