"""One connection to the mail server, used for many mails: one envelope recipient for each.

smtplib does the protocol's greeting, TLS and sign-in; the three commands of a mail are pipelined
where the server allows it (RFC 2920). A server's own words are never kept: they quote addresses.
"""

from __future__ import annotations

import smtplib
import ssl
from types import TracebackType

from django.conf import settings

from notifications.channels.mail.composing import sender_address
from notifications.channels.ports import Letter, Outcome, Verdict

ACCEPTED = Outcome(Verdict.ACCEPTED)
_LOST = (smtplib.SMTPException, OSError)


class MailSession:
    def __init__(self) -> None:
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
        for _ in range(2):
            reused = self._used
            try:
                smtp = self._connected()
            except smtplib.SMTPResponseException as refusal:
                return Outcome(Verdict.RETRY, f"smtp_refused_us_{refusal.smtp_code}")
            except _LOST:
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
        host, port, timeout = settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
        name = sender_address().rpartition("@")[2] or "localhost"
        smtp: smtplib.SMTP
        if settings.EMAIL_USE_SSL:
            smtp = smtplib.SMTP_SSL(
                host, port, name, timeout=timeout, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(host, port, name, timeout=timeout)
        try:
            if settings.EMAIL_USE_TLS:
                smtp.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
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
            f"MAIL FROM:<{sender_address()}>{options}\r\n".encode(),
            f"RCPT TO:<{letter.address}>\r\n".encode(),
            b"DATA\r\n",
        )
        if smtp.has_extn("pipelining"):
            smtp.send(b"".join(commands))
            codes = [smtp.getreply()[0] for _ in commands]
            self._used = True
            sender, recipient, data = codes
            if data == 354 and not (sender < 300 and recipient < 300):
                # The server opened DATA for nobody: end it with nothing in it.
                smtp.send(b".\r\n")
                smtp.getreply()
        else:
            codes = []
            for command in commands:
                smtp.send(command)
                codes.append(smtp.getreply()[0])
                self._used = True
                if codes[-1] >= 400:
                    break
            sender, recipient, data = (*codes, 0, 0)[:3]
        refused = self._refusal(sender, recipient, data)
        if refused:
            self._start_over(smtp, 421 in codes)
        return refused

    def _refusal(self, sender: int, recipient: int, data: int) -> Outcome | None:
        if sender >= 300:
            # Refuses us, not the recipient: never a reason to give a person up.
            return Outcome(Verdict.RETRY, f"smtp_refused_us_{sender}")
        if recipient >= 500:
            return Outcome(Verdict.FAILED, f"smtp_{recipient}")
        if recipient >= 300:
            return Outcome(Verdict.RETRY, f"smtp_{recipient}")
        if data != 354:
            return Outcome(Verdict.RETRY, f"smtp_{data}")
        return None

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
            code = smtp.getreply()[0]
        except _LOST:
            self.close()
            return Outcome(Verdict.UNCERTAIN, "smtp_unanswered")
        if 200 <= code < 300:
            return ACCEPTED
        if code == 421:
            self.close()
        if 400 <= code < 500:
            return Outcome(Verdict.RETRY, f"smtp_{code}")
        if 500 <= code < 600:
            return Outcome(Verdict.FAILED, f"smtp_{code}")
        self.close()
        return Outcome(Verdict.UNCERTAIN, "smtp_garbled")

    def close(self) -> None:
        smtp, self._smtp, self._used = self._smtp, None, False
        if smtp is not None:
            smtp.close()
