"""django-post-office with its own settings: mails queued in bulk, then sent as by its command."""

from __future__ import annotations

import time
from tempfile import TemporaryDirectory

from post_office import mail
from post_office.models import STATUS, Email

from benchmarks.peers import fixed

_BATCH = 2000


def measure(count: int, processes: int = 1) -> float:
    """Seconds from queuing the first mail to all of them being marked as sent. One process is
    what its documentation gives the command, and with batches of 100 it is faster than two."""
    Email.objects.all().delete()
    began = time.perf_counter()
    for start in range(0, count, _BATCH):
        mail.send_many(
            [
                {
                    "sender": fixed.SENDER,
                    "recipients": [fixed.mail_to(number)],
                    "subject": fixed.SUBJECT,
                    "message": fixed.TEXT,
                    "headers": {"X-Reference": f"peer-{number}"},
                }
                for number in range(start, min(start + _BATCH, count))
            ]
        )
    with TemporaryDirectory() as folder:
        mail.send_queued_mail_until_done(f"{folder}/lock", processes=processes)
    seconds = time.perf_counter() - began
    if Email.objects.filter(status=STATUS.sent).count() != count:
        raise RuntimeError("not every mail was sent")
    return seconds
