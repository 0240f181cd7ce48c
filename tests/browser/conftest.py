"""A real Chromium against a live server, watched for what a page must never do.

A test fails by itself when a page logs an error, breaks the Content-Security-Policy, asks another
host for anything, misses a file, or answers with a server error.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per file. Closed at its end, because an open one leaves an event loop running
    in which no other test could start its own."""
    # Playwright's loop makes Django believe that a test's own queries are asynchronous.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Watch:
    """Notes every fault of the pages opened in a context."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.faults: list[str] = []
        self._unanswered: set[Request] = set()

    def over(self, page: Page, *, may_log: str) -> Page:
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", lambda message: self._hear(message.type, message.text, may_log))
        page.on("request", lambda request: self._ask(request))
        page.on("response", self._answer)
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: self._unanswered.discard(request))
        return page

    def wait_for_answers(self, page: Page) -> None:
        """What the server still works at would meet the next test's empty tables."""
        for _ in range(200):
            if not self._unanswered:
                break
            page.wait_for_timeout(50)

    def _hear(self, kind: str, text: str, may_log: str) -> None:
        # A missing file is judged by its response, where the page itself may be a 404.
        is_expected = text.startswith("Failed to load resource") or (may_log and may_log in text)
        if kind == "error" and not is_expected:
            self.faults.append(f"console: {text}")

    def _ask(self, request: Request) -> None:
        self._unanswered.add(request)
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.netloc != self.host:
            self.faults.append(f"asked a third party: {request.url}")

    def _answer(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not is_page):
            self.faults.append(f"{response.status} from {response.url}")


@pytest.fixture
def open_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Open a page of its own visitor: `open_page(locale="ar", width=360, javascript=False)`."""
    cache.clear()  # Limits of tries, counted over all tests, would stop the later ones.
    watch = Watch(urlsplit(live_server.url).netloc)
    contexts: list[BrowserContext] = []

    def _open(
        *, locale: str = "en", width: int = 1280, javascript: bool = True, may_log: str = ""
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale=locale,
            viewport={"width": width, "height": 740 if width <= 390 else 800},
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return watch.over(context.new_page(), may_log=may_log)

    yield _open
    for context in contexts:
        if context.pages:
            watch.wait_for_answers(context.pages[0])
        context.close()
    assert watch.faults == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()
