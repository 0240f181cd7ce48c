"""The connection of one session to its service, underneath anymail and requests.

It tells whether a request began to leave, and reads no more of an answer than is needed.
"""

from __future__ import annotations

import io
import time
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from notifications.channels.http import BODY_LIMIT, TOTAL_SECONDS


class _Watched(io.BytesIO):
    """A body that is read, by what sends it, once the connection stands and the headers left."""

    was_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.was_read = True
        return super().read(size)


class Line(HTTPAdapter):
    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._body: _Watched | None = None

    def rest(self) -> None:
        """Forget the last request, before the next."""
        self._body = None

    @property
    def may_have_left(self) -> bool:
        """Whether the service may have the last request."""
        return self._body is not None and self._body.was_read

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        body = request.body if isinstance(request.body, str | bytes) else b""
        self._body = _Watched(body.encode() if isinstance(body, str) else body)
        request.body = self._body  # as a file; the header with its length stands
        answer = super().send(request, True, timeout, verify, cert, proxies)
        answer.raw = io.BytesIO(_beginning(answer.raw))
        return answer


def _beginning(raw: BaseHTTPResponse) -> bytes:
    """A service's answer is short and quick, whatever else sends more or trickles is not."""
    until = time.monotonic() + TOTAL_SECONDS
    body = b""
    try:
        while part := raw.read1(BODY_LIMIT, decode_content=True):
            body += part
            if len(body) >= BODY_LIMIT or time.monotonic() > until:
                raw.close()
                break
    except (HTTPError, OSError):
        raw.close()  # What came of it has to do.
    return body
