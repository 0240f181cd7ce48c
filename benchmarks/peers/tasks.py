"""A Celery task for each notice, with a row inserted and updated; every connection is kept."""

from __future__ import annotations

import http.client
import os
import smtplib
from functools import cache

from celery import Celery
from django.conf import settings

from benchmarks.peers import fixed

app = Celery("per_notice", broker=os.environ.get("REDIS_URL"))
app.conf.update(
    task_default_queue="per_notice",
    task_ignore_result=True,
    # As Celery's documentation advises for many short tasks.
    worker_prefetch_multiplier=64,
    broker_connection_retry_on_startup=True,
)


@cache
def _mail_server() -> smtplib.SMTP:
    return smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT)


@cache
def _gateway() -> http.client.HTTPConnection:
    return http.client.HTTPConnection(fixed.GATEWAY.netloc)


@app.task(name="send")
def send(number: int) -> None:
    from benchmarks.peers.models import Notice

    row = Notice.objects.create(number=number, state="sending")
    if number % 2:
        _mail_server().sendmail(fixed.SENDER, [fixed.mail_to(number)], fixed.mail(number))
    else:
        _gateway().request(
            "POST", fixed.GATEWAY.path, body=fixed.sms(number), headers=fixed.headers(number)
        )
        _gateway().getresponse().read()
    Notice.objects.filter(pk=row.pk).update(state="accepted")
