"""What serves for long collects garbage seldom, and a worker sees to it before it forks."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from celery.signals import worker_init

from micic_portal import celery


@pytest.fixture
def collector() -> Iterator[None]:
    former = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*former)


def test_a_worker_does_not_walk_what_is_loaded_again_and_again(collector):
    hooks = [reference() for _key, reference in worker_init.receivers]
    (hook,) = (one for one in hooks if one is not None and one.__module__ == celery.__name__)
    hook()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == 10_000
