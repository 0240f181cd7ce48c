"""One connection to the mail server, used for many mails: one envelope recipient for each.

smtplib does the protocol's greeting, TLS and sign-in; the three commands of a mail are pipelined
where the server allows it (RFC 2920). A server's own words are never kept: they quote addresses.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from types import TracebackType

from django.conf import settings

from notifications.channels.mail.server import Server
from notifications.channels.ports import Fault, Letter, Outcome, Verdict

ACCEPTED = Outcome(Verdict.ACCEPTED)
_LOST = (smtplib.SMTPException, OSError)
# The mailbox or its domain is not there (RFC 3463). A bare 550 may mean anything.
_NO_SUCH_ADDRESS = (b"5.1.1 ", b"5.1.2 ", b"5.1.10 ")
_Reply = tuple[int, bytes]


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _refuses_us(code: int) -> Outcome:
    """Us, not the recipient: never a reason to give a person up."""
    return Outcome(Verdict.RETRY, f"smtp_refused_us_{code}" if code > 0 else "smtp_garbled")


def _refuses_this(code: int, words: bytes) -> Outcome:
    if words.startswith(b"5.7.") or code == 530:
        return _refuses_us(code)  # Policy (RFC 3463): relaying, signing in, our own address.
    if code >= 500:
        return Outcome(Verdict.FAILED, f"smtp_{code}", gone=words.startswith(_NO_SUCH_ADDRESS))
    is_busy = code in {421, 451} and not words.startswith(b"4.7.")  # 4.7: greylisting
    return _later(code, Fault.PROVIDER if is_busy or code < 400 else Fault.RECIPIENT)


def _later(code: int, fault: Fault = Fault.PROVIDER) -> Outcome:
    return Outcome(Verdict.RETRY, f"smtp_{code}" if code > 0 else "smtp_garbled", fault=fault)


def _refusal_of(replies: Sequence[_Reply]) -> Outcome | None:
    """What the replies to MAIL, RCPT and DATA refuse; None if the server waits for the mail."""
    (sender, _), (recipient, words), (data, _) = (*replies, (0, b""), (0, b""))[:3]
    if not _is_yes(sender):
        return _refuses_us(sender)
    if not _is_yes(recipient):
        return _refuses_this(recipient, words)
    return None if data == 354 else _later(data)


class MailSession:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None
        self._used = False

    def __enter__(self) -> MailSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def deliver(self, letter: Letter) -> Outcome:
        """Hand over one mail. Never raises for what a server or a network does."""
        if not self._server.sender:
            return Outcome(Verdict.RETRY, "sender_not_set")
        for _ in range(2):
            reused = self._used
            try:
                smtp = self._connected()
            except smtplib.SMTPResponseException as refusal:
                return _refuses_us(refusal.smtp_code)
            except (*_LOST, UnicodeError):  # A host that cannot be one is a UnicodeError.
                return Outcome(Verdict.RETRY, "smtp_unreachable")
            try:
                refused = self._announce(smtp, letter)
            except _LOST:
                # A server may close a connection that rested; nothing was handed over yet.
                self.close()
                if reused:
                    continue
                return Outcome(Verdict.RETRY, "smtp_lost")
            return refused or self._hand_over(smtp, letter)
        return Outcome(Verdict.RETRY, "smtp_lost")

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is not None:
            return self._smtp
        server, timeout = self._server, settings.EMAIL_TIMEOUT
        where = (server.host, server.port, server.our_name)
        smtp: smtplib.SMTP
        if server.use_ssl:
            smtp = smtplib.SMTP_SSL(*where, timeout=timeout, context=ssl.create_default_context())
        else:
            smtp = smtplib.SMTP(*where, timeout=timeout)
        try:
            if server.use_tls:
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        self._smtp = smtp
        return smtp

    def _announce(self, smtp: smtplib.SMTP, letter: Letter) -> Outcome | None:
        """MAIL, RCPT and DATA. Returns why not, or None when the server waits for the mail."""
        options = ""
        if not letter.address.isascii():
            if not smtp.has_extn("smtputf8"):
                return Outcome(Verdict.FAILED, "address_needs_smtputf8")
            options = " SMTPUTF8 BODY=8BITMIME"
        commands = (
            f"MAIL FROM:<{self._server.sender}>{options}\r\n".encode(),
            f"RCPT TO:<{letter.address}>\r\n".encode(),
            b"DATA\r\n",
        )
        if smtp.has_extn("pipelining"):
            smtp.send(b"".join(commands))
            replies = [smtp.getreply() for _ in commands]
            self._used = True
            if replies[2][0] == 354 and not all(_is_yes(code) for code, _ in replies[:2]):
                # The server opened DATA for nobody: end it with nothing in it.
                smtp.send(b".\r\n")
                smtp.getreply()
        else:
            replies = []
            for command in commands:
                smtp.send(command)
                replies.append(smtp.getreply())
                self._used = True
                if not _is_yes(replies[-1][0]):
                    break
        refused = _refusal_of(replies)
        if refused:
            self._start_over(smtp, any(code == 421 for code, _ in replies))
        return refused

    def _start_over(self, smtp: smtplib.SMTP, closing: bool) -> None:
        if closing:
            self.close()
            return
        try:
            smtp.rset()
        except _LOST:
            self.close()

    def _hand_over(self, smtp: smtplib.SMTP, letter: Letter) -> Outcome:
        try:
            smtp.send(letter.payload + b".\r\n")
        except _LOST:
            self.close()  # The final dot did not leave, so the server cannot have taken it.
            return Outcome(Verdict.RETRY, "smtp_lost")
        try:
            code, words = smtp.getreply()
        except _LOST:
            self.close()
            return Outcome(Verdict.UNCERTAIN, "smtp_unanswered")
        if _is_yes(code):
            return ACCEPTED
        if code == 421:
            self.close()
        if 400 <= code < 600:
            return _refuses_this(code, words)
        self.close()
        return Outcome(Verdict.UNCERTAIN, "smtp_garbled")

    def close(self) -> None:
        smtp, self._smtp, self._used = self._smtp, None, False
        if smtp is not None:
            smtp.close()
