"""Nothing needs a session of PostgreSQL's: the portal's processes share a few connections."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg2
import pytest

from notifications.enums import DeliveryState
from tests import pooler
from tests.factories.deliveries import freeze_to, make_message, recipients, states
from tests.processes import process, wait_until
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)

_DRAIN = """
import django; django.setup()
from notifications import engine
from tests.factories.deliveries import bound_source
with bound_source():
    engine.drain()
"""
# What the scheduler has done, over and over, while three more read a table row by row.
_TASKS = """
import django; django.setup()
import threading
from django.db import connection
from micic_portal.celery import app
from micic_portal.timetable import TIMETABLE
from notifications.models import Delivery
app.loader.import_default_modules()
names = sorted({entry["task"] for entry in TIMETABLE.values()})
failures = []
def run(work):
    try:
        for _ in range(3):
            work()
    except Exception as error:
        failures.append(repr(error))
    finally:
        connection.close()
def do_tasks():
    for name in names:
        app.tasks[name]()
def read_on():
    assert len(list(Delivery.objects.order_by("pk").iterator(chunk_size=20))) == 300
threads = [threading.Thread(target=run, args=(work,)) for work in (do_tasks, *[read_on] * 3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert not failures, failures
"""


def test_more_workers_than_connections_send_everything_once(sinks: Sinks):
    message = make_message()
    freeze_to(message, recipients(1500))
    with pooler.pooled(2) as url, ExitStack() as running:
        workers = [
            running.enter_context(process(_DRAIN, sinks, DATABASE_URL=url)) for _ in range(4)
        ]
        assert [worker.wait(timeout=120) for worker in workers] == [0, 0, 0, 0]
    assert states(message) == {"accepted": 1500}
    assert sinks.counts()["unique_references"] == 1500
    assert sinks.counts()["delivered_twice"] == 0


def test_no_connection_is_held_while_a_provider_is_slow(sinks: Sinks):
    """The pool has one: whoever held it while sending would keep the other waiting for it."""
    sinks.play(latency_seconds=6)
    message = make_message()
    freeze_to(message, recipients(3), channels=["sms"])
    sending = message.deliveries.filter(state=DeliveryState.SENDING)
    with pooler.pooled(1) as url, process(_DRAIN, sinks, DATABASE_URL=url) as worker:
        wait_until(lambda: sending.count() == 3)
        bare, _, _ = url.partition("?")
        other = psycopg2.connect(bare)
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM notifications_delivery WHERE state = 'sending'")
            assert cursor.fetchone() == (3,), "it answers while all three are on their way"
        other.close()
        assert worker.wait(timeout=60) == 0
    assert states(message) == {"accepted": 3}


def test_every_task_and_every_long_reading_works(sinks: Sinks):
    message = make_message()
    freeze_to(message, recipients(300))
    with pooler.pooled(2) as url, process(_TASKS, sinks, DATABASE_URL=url) as running:
        assert running.wait(timeout=120) == 0
