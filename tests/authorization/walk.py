"""Knocks at every door as everybody, and undoes whatever came of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from tests.authorization.routes import Route, routes
from tests.authorization.table import CALLERS, Row

NO_METHOD = "no method"
_WORDS = {401: "401", 403: "no", 404: "not found", 405: NO_METHOD, 410: "gone", 429: "later"}
REFUSALS = {"sign in", "code", "no", "not found", "401"}


@dataclass(frozen=True, slots=True)
class Page:
    """One response, without what rendered it."""

    path: str
    caller: str
    method: str
    status: int
    headers: Mapping[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.method} /{self.path} as {self.caller}: {self.status}"


@dataclass(slots=True)
class Walk:
    """What was seen: a row for each route, every page, and what broke."""

    rows: dict[str, Row] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    # Refused to whoever looks, and not to whoever sends, or the other way round.
    uneven: list[str] = field(default_factory=list)


def walk(callers: Mapping[str, Client], objects: Mapping[str, Any]) -> Walk:
    """GET and POST on each route as each caller, each in a savepoint that is undone."""
    seen = Walk()
    logging.disable(logging.ERROR)  # Thousands of refusals, as wanted.
    try:
        for route in routes():
            _look(route, callers, objects, seen)
    finally:
        logging.disable(logging.NOTSET)
    return seen


def _look(
    route: Route, callers: Mapping[str, Client], objects: Mapping[str, Any], seen: Walk
) -> None:
    address = route.address(objects)
    cells, takes_forms = {}, True
    for caller in CALLERS:
        # What a view has no method for is tried once, by anybody.
        got, sent = (
            _knock(callers[caller], method, address)
            if caller == CALLERS[0] or route.takes(method)
            else None
            for method in ("get", "post")
        )
        seen.pages += [
            _page(route.path, caller, method, response)
            for method, response in (("GET", got), ("POST", sent))
            if response is not None
        ]
        shown, done = word_of(got), word_of(sent)
        is_shown, is_sent = shown != NO_METHOD, done != NO_METHOD
        takes_forms = takes_forms and is_sent
        cells[caller] = shown if is_shown else done
        if is_shown and is_sent and (shown in REFUSALS) != (done in REFUSALS):
            seen.uneven.append(f"/{route.path} as {caller}: GET {shown}, POST {done}")
    changes = _changes(address) if takes_forms else ""
    seen.rows[route.path] = Row(route.name, route.path, "", changes, cells)


def _page(path: str, caller: str, method: str, response: HttpResponse) -> Page:
    is_text = response.get("Content-Type", "").startswith("text/html")
    text = response.content.decode() if is_text else ""
    return Page(path, caller, method, response.status_code, dict(response.items()), text)


def word_of(response: HttpResponse | None) -> str:
    """The response as a cell of the table."""
    if response is None:
        return NO_METHOD
    status = response.status_code
    if 300 <= status < 400:
        path = urlsplit(response["Location"]).path
        if path == resolve_url(settings.LOGIN_URL):
            return "sign in"
        return "code" if path == reverse("sign_in") else "leads on"
    return _WORDS.get(status, "yes" if status < 500 else str(status))


def _changes(address: str) -> str:
    """Whether a form sent here needs the token against forged requests."""
    refused = _knock(Client(enforce_csrf_checks=True), "post", address)
    return "form" if refused.status_code == 403 else "free"


def _knock(client: Client, method: str, address: str) -> HttpResponse:
    cookies = deepcopy(client.cookies)
    cache.clear()
    try:
        with transaction.atomic():
            response: HttpResponse = getattr(client, method)(address)
            transaction.set_rollback(True)
    finally:
        client.cookies = cookies
    return response
