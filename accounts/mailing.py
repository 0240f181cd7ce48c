"""Mail about accounts, sent beside the request: no page's time tells whether any was sent."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from smtplib import SMTPException

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)

# A dead mail server holds up these threads and nobody's page. What waits when the process ends is
# sent before it goes; what a crash loses is asked for again.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="account-mail")


def send_soon(message: EmailMessage, *, really: bool) -> Future[None]:
    """Hand a message to the threads. Unless `really`, they do all but send it."""
    return _pool.submit(_send, message, really)


def _send(message: EmailMessage, really: bool) -> None:
    try:
        message.message()
        if really:
            message.send()
    except (SMTPException, OSError) as error:
        logger.error("mail about an account was not sent: %s", type(error).__name__)
