"""docs/authorization.md is what every route answers to everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings

from tests.authorization.table import PAGE, Row, read_table
from tests.authorization.walk import Walk, walk
from tests.authorization.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def walked(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Walk]:
    """Every route as everybody: seen once, then undone."""
    with (
        override_settings(
            ROOT_URLCONF="tests.authorization.urls",
            JOURNAL_DIR=tmp_path_factory.mktemp("journal"),
        ),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        callers, objects = make_world()
        yield walk(callers, objects)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def table() -> dict[str, Row]:
    return read_table(PAGE.read_text(encoding="utf-8"))


def test_every_route_has_its_row_and_every_row_its_route(walked, table):
    missing = [str(row) for path, row in walked.rows.items() if path not in table]
    assert not missing, (
        f"{PAGE} lacks these routes. Read what was observed, judge each cell, write what the page "
        "is in the third column, and add:\n" + "\n".join(missing)
    )
    gone = [row.name or row.path for path, row in table.items() if path not in walked.rows]
    assert not gone, f"{PAGE} has rows of routes that are gone: {gone}"


def test_everybody_sees_what_the_table_says(walked, table):
    wrong = []
    for path, row in table.items():
        seen = walked.rows.get(path)
        if seen is None:
            continue
        wrong += [
            f"/{path} ({row.name}) as {caller}: {seen.cells[caller]!r}, the table says {cell!r}"
            for caller, cell in row.cells.items()
            if cell != seen.cells[caller]
        ]
        if (row.name, row.changes) != (seen.name, seen.changes):
            wrong.append(f"/{path}: {(seen.name, seen.changes)}, not {(row.name, row.changes)}")
    assert not wrong, "\n".join(wrong)


def test_what_is_refused_to_whoever_looks_is_refused_to_whoever_sends(walked):
    assert not walked.uneven, "\n".join(walked.uneven)


def test_nothing_breaks_on_an_empty_form(walked):
    assert not [
        f"/{path} as {caller}: {response.status_code}"
        for path, caller, response in walked.pages
        if response.status_code >= 500
    ]
