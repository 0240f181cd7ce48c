"""What the log may not hold: the token of an answer link is a key to a person's answer."""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from crises import answer_views
from tests.factories.crises import make_frozen, make_people, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(monkeypatch) -> Iterator[io.StringIO]:
    """All that the portal's own handler would write."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logs: dict[str, Any] = settings.LOGGING
    configured = logs["handlers"]["console"]
    for name in configured["filters"]:
        factory = logs["filters"][name]["()"]
        handler.addFilter(logging.config.BaseConfigurator({}).resolve(factory)())
    handler.setFormatter(logging.Formatter(logs["formatters"]["line"]["format"]))
    root = logging.getLogger()
    root.addHandler(handler)
    monkeypatch.setattr(logging.getLogger("django.request"), "propagate", True)
    yield written
    root.removeHandler(handler)


@pytest.fixture
def address() -> str:
    cache.clear()
    person = make_people(1)[0]
    return f"/a/{token_of(make_frozen(), person)}"


@pytest.mark.parametrize("ending", ["", "/", "/?language=es", "/more"])
def test_a_refused_answer_leaves_no_token(log, address, ending):
    Client().post(f"{address}{ending}", {"choice": "neither"})
    assert "/a/" in log.getvalue()
    assert address.removeprefix("/a/") not in log.getvalue()


def test_nor_does_an_error(log, address, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError(f"could not answer {address}")

    monkeypatch.setattr(answer_views.actions, "record_answer", fail)
    Client(raise_request_exception=False).post(f"{address}/", {"choice": "safe"})
    assert "RuntimeError" in log.getvalue()
    assert address.removeprefix("/a/") not in log.getvalue()
