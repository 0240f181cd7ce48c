"""Threads of one process that ask the same shapes at once, as the answers of a crisis make them."""

from __future__ import annotations

import subprocess
import sys

import pytest

# In a process of its own: without its turns, it dies of a segmentation fault.
_ASK = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django

django.setup()
from geography.areas import Area
from geography.countries import country_at
from registrations.selection import countries_touching

THREADS = 8
together = Barrier(THREADS)


def ask(number):
    together.wait()
    area = Area.circle(14.5 + number / 10, -92.5, 300)
    for step in range(40):
        countries_touching(area)
        country_at(14.9 + step / 50, -92.3)
    return True


with ThreadPoolExecutor(THREADS) as pool:
    assert all(pool.map(ask, range(THREADS)))
"""


@pytest.mark.parametrize("attempt", range(3))
def test_threads_take_turns(attempt: int) -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", _ASK], check=False)
    assert done.returncode == 0
