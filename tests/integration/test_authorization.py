"""docs/authorization.md is what every route answers to everybody."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import override_settings

from tests.authorization.table import PAGE, Row, read_table
from tests.authorization.walk import Walk, walk
from tests.authorization.world import make_world
from tests.weighing import References

pytestmark = pytest.mark.django_db

HEADERS: dict[str, Callable[[str], bool]] = {
    "Content-Security-Policy": lambda value: (
        "default-src 'none'" in value and "unsafe-" not in value and "://" not in value
    ),
    "Referrer-Policy": lambda value: value in {"same-origin", "no-referrer"},
    "X-Content-Type-Options": lambda value: value == "nosniff",
    "X-Frame-Options": lambda value: value == "DENY",
    "Cross-Origin-Opener-Policy": lambda value: value == "same-origin",
    "Cross-Origin-Resource-Policy": lambda value: value == "same-origin",
    "Permissions-Policy": lambda value: "camera=()" in value and "geolocation=()" in value,
}
# The same for everybody, and about nobody: a shared cache may keep these.
PUBLIC = {
    "",
    "advice/",
    "advice/<country:country>/",
    "advice/<country:country>/<int:version>/",
    "api/v1/schema/",
    "api/v1/docs/",
    "groups/template.<file_form:form>",
    "oversight/heads.txt",
    "oversight/heads/",
    "privacy/",
    "service-worker.js",
}
# Pages of other makers.
DOCUMENTS: set[str] = set()


class Inline(HTMLParser):
    """What a strict Content-Security-Policy would not let run: found in a page's elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}>")
        self.found += [
            f"{tag} {name}"
            for name, value in given.items()
            if name == "style" or name.startswith("on") or value.strip().startswith("javascript:")
        ]


@pytest.fixture(scope="module")
def walked(django_db_setup, django_db_blocker, tmp_path_factory) -> Walk:
    """Every route as everybody: seen once, then undone."""
    with (
        override_settings(
            ROOT_URLCONF="tests.authorization.urls",
            JOURNAL_DIR=tmp_path_factory.mktemp("journal"),
        ),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        seen = walk(*make_world())
        transaction.set_rollback(True)
    return seen


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
    assert not [str(page) for page in walked.pages if page.status >= 500]


def test_every_response_carries_the_headers(walked):
    lacking = []
    for page in walked.pages:
        found = [name for name, fits in HEADERS.items() if not fits(page.headers.get(name, ""))]
        if found:
            lacking.append(f"{page} lacks {found}")
    assert not lacking, "\n".join(lacking)


def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(walked):
    inline = []
    for page in walked.pages:
        if page.path in DOCUMENTS:
            continue
        found = Inline(page.text).found
        if found:
            inline.append(f"{page}: {found}")
    assert not inline, "\n".join(inline)


def test_no_page_fetches_anything_elsewhere(walked):
    elsewhere = []
    for page in walked.pages:
        found = [one for one in References(page.text).fetched if urlsplit(one).netloc]
        if found:
            elsewhere.append(f"{page}: {found}")
    assert not elsewhere, "\n".join(elsewhere)


def test_no_shared_cache_keeps_what_is_not_for_everybody(walked):
    kept = []
    for page in walked.pages:
        control = page.headers.get("Cache-Control", "")
        told = {one.strip() for one in control.split(",")}
        if page.path not in PUBLIC and not told & {"no-store", "private"}:
            kept.append(f"{page}: Cache-Control {control!r}")
    assert not kept, "\n".join(kept)
