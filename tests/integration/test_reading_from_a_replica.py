"""The live page's figures come from a copy that nothing can be written to, where there is one."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from crises.reporting import live_figures
from tests.factories.crises import make_frozen, make_people
from tests.processes import environment, process
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)

_LOOK = """
import django; django.setup()
from django.db import connections
from django.test.utils import CaptureQueriesContext
from crises.models import Notice
from crises.views.live import _figures
notice = Notice.objects.get()
with CaptureQueriesContext(connections["replica"]) as asked:
    figures = _figures(notice)
print(len(getattr(asked, "captured_queries", ())), figures.total, figures.people)
"""


def look(sinks: Sinks, capfd: pytest.CaptureFixture[str], url: str, code: str = _LOOK) -> list[int]:
    with process(code, sinks, DATABASE_REPLICA_URL=url) as running:
        assert running.wait(timeout=60) == 0
    return [int(word) for word in capfd.readouterr().out.split()]


@pytest.fixture
def expected() -> list[int]:
    make_people(3)
    figures = live_figures(make_frozen())
    return [figures.total, figures.people]


def test_every_figure_is_read_from_the_replica(sinks, capfd, expected):
    read_only = quote("-c default_transaction_read_only=on")
    url = f"{environment(sinks)['DATABASE_URL']}&options={read_only}"
    asked, *figures = look(sinks, capfd, url)
    assert figures == expected
    assert asked >= 6


def test_a_replica_that_does_not_answer_is_done_without(sinks, capfd, expected):
    url = "postgres://nobody@127.0.0.1:1/away?connect_timeout=2"
    code = _LOOK.replace('CaptureQueriesContext(connections["replica"])', "open('/dev/null')")
    _asked, *figures = look(sinks, capfd, url, code)
    assert figures == expected
