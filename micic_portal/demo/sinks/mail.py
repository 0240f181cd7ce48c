"""The mail server: enough SMTP (RFC 5321, pipelined as RFC 2920) to be sent to, and fast.

One mail costs it about a tenth of what aiosmtpd takes, which on two cores would itself be the
bottleneck of every measurement.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import cast

from micic_portal.demo.sinks.faults import Faults
from micic_portal.demo.sinks.store import Store

_LONGEST_MAIL = 10 * 1024 * 1024
_REPLY_TO_FAULT = {"error": b"451 try later\r\n", "busy": b"450 busy\r\n", "refuse": b"550 no\r\n"}


class MailSink(asyncio.Protocol):
    """One connection. It reads commands, or, after DATA, lines up to the lone dot."""

    def __init__(self, store: Store, faults: Faults, injected: Counter[str]) -> None:
        self._store = store
        self._faults = faults
        self._injected = injected
        self._buffer = b""
        self._reading_mail = False
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._silent = False
        self._silence_next = False
        self._forget_next = False
        self._drop_after = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _LONGEST_MAIL:
            self._transport.write(b"552 too long\r\n")
            self._transport.close()
            return
        replies = b""
        while not self._silent:
            reply = self._next_mail() if self._reading_mail else self._next_command()
            if reply is None:
                break
            replies += reply
        if replies:
            self._transport.write(replies)

    def _next_command(self) -> bytes | None:
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return None
        self._buffer = rest
        verb = line[:4].upper()
        if verb == b"RCPT":
            return self._take_recipient(line)
        if verb == b"MAIL":
            self._sender, self._recipients = _path(line), []
            return b"250 OK\r\n"
        if verb == b"DATA":
            if self._sender is None or not self._recipients:
                return b"503 nobody to send to\r\n"
            self._reading_mail = True
            return b"354 go on\r\n"
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
        if verb == b"RSET":
            self._sender, self._recipients = None, []
        if verb == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
            return None
        return b"250 OK\r\n" if verb in {b"HELO", b"RSET", b"NOOP"} else b"502 unknown\r\n"

    def _take_recipient(self, line: bytes) -> bytes:
        fault = self._faults.draw()
        if fault in _REPLY_TO_FAULT:
            self._injected[f"mail_{fault}"] += 1
            return _REPLY_TO_FAULT[fault]
        self._recipients.append(_path(line))
        self._silence_next, self._forget_next = fault == "silent", fault == "forget"
        if self._silence_next or self._forget_next:
            self._injected[f"mail_{fault}"] += 1
            self._drop_after = self._faults.silent_seconds
        return b"250 OK\r\n"

    def _next_mail(self) -> bytes | None:
        content, end, rest = self._buffer.partition(b"\r\n.\r\n")
        if not end:
            return None
        self._buffer, self._reading_mail = rest, False
        content = content.replace(b"\r\n..", b"\r\n.") + b"\r\n"
        for recipient in self._recipients if not self._forget_next else ():
            self._store.add_mail(self._sender or "", recipient, content)
        self._sender, self._recipients = None, []
        if self._silence_next:
            self._silent = True
            asyncio.get_running_loop().call_later(self._drop_after, self._transport.abort)
            return None
        return b"250 kept\r\n"


def _path(line: bytes) -> str:
    """The address between the angle brackets of MAIL FROM:<> or RCPT TO:<>."""
    return line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")
