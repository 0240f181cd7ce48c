"""A traveller on a small phone, in any language: what is clicked is found by what it does, not by
what is written on it, and every page that is reached is held to the same rules."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.factories.registrations import today
from tests.processes import wait_until
from tests.sinks import Sinks

WIDTH = 360
_CODE = re.compile(r"\b\d{6}\b")
_SEND = "main form .actions button:not([name])"


@dataclass
class Traveller:
    """One person's browser. Without JavaScript, axe looks at the same page where scripts run."""

    page: Page
    sinks: Sinks
    # Opens a window of the same visitor, for axe.
    elsewhere: Callable[[], Page] | None = None
    seen: set[str] = field(default_factory=set)
    # The codes typed so far: an earlier one is not what the newest message brings.
    typed: set[str] = field(default_factory=set)

    def open(self, path: str) -> Traveller:
        self.page.goto(path)
        return self.look()

    def look(self) -> Traveller:
        """Hold the page to the rules: once for each page, whatever it is called."""
        page = self.page
        expect(page.locator("main h1, main legend h1").first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= WIDTH, f"{page.url} is {wide} pixels wide on a screen of {WIDTH}"
        name = re.sub(r"[0-9a-f-]{36}|[\w-]{43}", "…", page.url)
        if name not in self.seen and self.elsewhere is None:
            assert_accessible(page)
        self.seen.add(name)
        return self

    def check_with_axe(self) -> None:
        """The page as it stands, looked at by axe in a window that runs scripts."""
        if self.elsewhere is None:
            assert_accessible(self.page)
            return
        other = self.elsewhere()
        other.context.add_cookies(
            [
                {"name": one["name"], "value": one["value"], "url": self.page.url}
                for one in self.page.context.cookies()
            ]
        )
        other.goto(self.page.url)
        assert_accessible(other)

    def fill(self, **fields: str) -> Traveller:
        """Fill in fields by their names; what a closed part of the page hides is opened first."""
        for name, value in fields.items():
            control = self.page.locator(f"main [name={name}]").first
            if not control.is_visible():
                self.page.locator("main details:not([open]) > summary").last.click()
            if control.evaluate("element => element.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        return self

    def choose(self, **fields: str) -> Traveller:
        for name, value in fields.items():
            self.page.locator(f"main [name={name}][value='{value}']").check()
        return self

    def tick(self, *names: str) -> Traveller:
        for name in names:
            self.page.locator(f"main [name={name}]").check()
        return self

    def go_on(self, button: str = _SEND, *, to: str = "") -> Traveller:
        """Send the form, and arrive at a page whose address holds `to`."""
        self.page.locator(button).first.click()
        if to:
            self.page.wait_for_url(f"**{to}**")
        return self.look()

    def follow(self, href: str, *, to: str = "") -> Traveller:
        """Click the link whose address begins so."""
        self.page.locator(f"main a[href^='{href}']").first.click()
        self.page.wait_for_url(f"**{to or href}**")
        return self.look()

    def type_code(self, address: str, name: str = "code_mail", *, to: str = "") -> Traveller:
        code = self._newest_code(address)
        self.typed.add(code)
        return self.fill(**{name: code}).go_on(to=to)

    def _newest_code(self, address: str) -> str:
        spent = "|".join(self.typed) or "none"
        found = _CODE.search(message_to(self.sinks, address, rf"\b(?!{spent})\d{{6}}\b"))
        assert found is not None
        return found[0]

    def say_where(self, town: str, *, first: int = 0, last: int = 9, **more: str) -> Traveller:
        """A stay in a town. With JavaScript the suggestion is taken by the keyboard."""
        where = self.page.locator("main [name=place]")
        if self.elsewhere is None:
            where.press_sequentially(town[:5], delay=15)
            self.page.get_by_role("option").first.wait_for()
            where.press("ArrowDown")
            where.press("Enter")
        else:
            where.fill(town)
        days = {"starts_on": day(first), "ends_on": day(last)} if last else {}
        return self.fill(**days, **more)


def day(later: int) -> str:
    return (today() + dt.timedelta(days=later)).isoformat()


def message_to(sinks: Sinks, address: str, holds: str | re.Pattern[str]) -> str:
    """The newest message that arrived there and holds the text. Waits for it."""
    found: list[str] = []

    def arrived() -> bool:
        for message in sinks.messages(f"to={address.replace('+', '%2B')}"):
            text = f"{message.get('subject', '')}\n{message['body']}"
            if re.search(holds, text):
                found.append(text)
                return True
        return False

    wait_until(arrived, 60)
    return found[0]


def link_in(text: str, path: str) -> str:
    """The link of a message to that part of the portal."""
    found = re.search(rf"https?://\S+?{re.escape(path)}[\w-]{{43}}", text)
    assert found is not None, text
    return found[0]
