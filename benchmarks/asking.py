"""One question to each side: who is in the area on these days and agreed to be contacted?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from benchmarks import postgis
from geography.areas import Area
from registrations.enums import ConsentPurpose, Match
from registrations.models import Stay

_AUDIENCE = "CREATE TEMPORARY TABLE IF NOT EXISTS audience (person_id uuid)"
_EMPTY = "TRUNCATE audience"
_KEEP = "INSERT INTO audience {people}"

# The classes that an officer finds ticked: a stay known only by its region or its country is
# found by a code, which is nothing to measure beside geometry.
CLASSES = [Match.INSIDE, Match.POSSIBLY]

Window = tuple[datetime, datetime]
People = QuerySet[Any, Any]


class Disagreement(RuntimeError):
    """Two ways of asking the same give different people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How many people, and the seconds until their ids stood in the table."""

    people: int
    seconds: float


def portal_people(area: Area, window: Window) -> People:
    return _people(Stay.objects.in_area(area), window).filter(match__in=CLASSES)


def postgis_people(asked: postgis.Asked, window: Window) -> People:
    return _people(postgis.stays(asked), window)


def everybody(window: Window) -> Any:
    """The stays of the days and the consent alone, wherever they lie."""
    return _there(Stay.objects.all(), window)


def keep(make: Callable[[], People]) -> Answer:
    """Put the ids of the people into the empty temporary table; building the query counts too."""
    with connection.cursor() as cursor:
        cursor.execute(_AUDIENCE)
        cursor.execute(_EMPTY)
        began = time.perf_counter()
        sql, parameters = make().query.sql_with_params()
        cursor.execute(_KEEP.format(people=sql), parameters)
        return Answer(cursor.rowcount, time.perf_counter() - began)


def count(make: Callable[[], People]) -> Answer:
    """Count the people, keeping none of them."""
    began = time.perf_counter()
    found = make().count()
    return Answer(found, time.perf_counter() - began)


def _people(stays: Any, window: Window) -> Any:
    return _there(stays, window).order_by().values("person_id").distinct()


def _there(stays: Any, window: Window) -> Any:
    return stays.during(*window).with_consent(ConsentPurpose.CRISIS_CONTACT)
