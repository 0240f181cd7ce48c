"""What every page is held to: WCAG 2.2 AA as far as a machine can tell, light and dark, and one
column at 320 pixels, which is 1280 at 400 % zoom."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_accessible(page: Page) -> None:
    """Fail when axe finds anything on the page, or when it scrolls sideways at 320 pixels."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert results.violations_count == 0, f"{page.url}, {scheme}: {results.generate_report()}"
    page.emulate_media(color_scheme="light")
    assert_reflows(page)


def assert_reflows(page: Page) -> None:
    before = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    width = page.evaluate("document.documentElement.scrollWidth")
    if before:
        page.set_viewport_size(before)
    assert width <= 320, f"{page.url} is {width} pixels wide on a screen of 320"
