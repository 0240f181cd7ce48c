"""The travellers' half of the main job, over HTTP: register with a proved code, and answer."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import datetime

from django.utils import timezone

from micic_portal.demo.inbox import Arrived, DemoSinks
from micic_portal.demo.population import SyntheticCitizen
from micic_portal.demo.visitor import Form, Page, UnexpectedPage, Visitor

_CODE = re.compile(r"\b\d{6}\b")
_ERROR = re.compile(r"field__error.*?</span>([^<]*)</p>", re.DOTALL)
_ANSWER_LINK = re.compile(r"https?://\S+?(/a/[A-Za-z0-9_-]{43}/?)")
CODE_SECONDS = 60


async def register_by_hand(base: str, sinks: DemoSinks, citizen: SyntheticCitizen) -> None:
    """Go through the form as a visitor would, reading the code from what really arrived.

    Raises UnexpectedPage when a step does not lead to the next one.
    """
    async with Visitor(base, citizen.language) as visitor:
        page = await visitor.read("/register/who/")
        asked_at = timezone.now()
        page = await _step(
            visitor, page, "name",
            name=citizen.name, mail=citizen.mail or "", mobile=citizen.phone or "",
            language=citizen.language,
        )  # fmt: skip
        codes = {
            f"code_{channel}": await code_for(sinks, address, since=asked_at)
            for channel, address in (("mail", citizen.mail), ("sms", citizen.phone))
            if address
        }
        page = await _step(visitor, page, next(iter(codes)), **codes)
        for number, stay in enumerate(citizen.stays, start=1):
            is_last = number == len(citizen.stays)
            page = await _step(
                visitor, page, "starts_on", then="" if is_last else "another",
                kind="trip" if stay.ends_on else "residence",
                place=stay.place.name, place_id=str(stay.place.pk), country=stay.place.country,
                starts_on=stay.starts_on.isoformat(),
                ends_on=stay.ends_on.isoformat() if stay.ends_on else "",
            )  # fmt: skip
        family: dict[str, str] = {}
        if citizen.family_name:
            family = {"name": citizen.family_name, "phone": citizen.family_phone or ""}
        page = await _step(visitor, page, "relationship", **family)
        page = await _step(visitor, page, "crisis_contact", crisis_contact="on")
        page = await visitor.submit(page, _last_post(page))
        if "/register/done/" not in page.url:
            raise UnexpectedPage(f"Registering ended on {page.url} ({page.status}).")


async def answer(base: str, path: str, choice: str) -> None:
    """Open the link of a notice and press one of the three buttons."""
    async with Visitor(base, "en") as visitor:
        page = await visitor.read(path)
        form = page.form_with("choice")
        answered = await visitor.submit(page, form, button=("choice", choice))
        if answered.status != 200:
            raise UnexpectedPage(f"The answer was met with {answered.status}.")


def answer_path(message: Arrived) -> str | None:
    """The path of the answer link in a message, if it has one."""
    found = _ANSWER_LINK.search(message.body)
    return found[1] if found else None


async def _step(visitor: Visitor, page: Page, field: str, *, then: str = "", **fields: str) -> Page:
    """Send the form that holds `field`; the same page back means that it was refused.

    `then` is the value of the button that goes elsewhere than on.
    """
    button = ("then", then) if then else None
    filled = await visitor.submit(page, page.form_with(field), dict(fields), button=button)
    if filled.status >= 400 or "field--wrong" in filled.text:
        # What the page says of invented people may be shown.
        said = "; ".join(found.strip() for found in _ERROR.findall(filled.text))
        raise UnexpectedPage(f"{field!r} was refused on {filled.url} ({filled.status}): {said}")
    return filled


def _last_post(page: Page) -> Form:
    forms = [form for form in page.forms if form.method == "post" and "language" not in form.names]
    if not forms:
        raise UnexpectedPage(f"Nothing to send on {page.url} ({page.status}).")
    return forms[-1]


async def code_for(sinks: DemoSinks, address: str, *, since: datetime) -> str:
    """The code that arrived at an address since then. Raises UnexpectedPage after a minute."""
    deadline = time.monotonic() + CODE_SECONDS
    while time.monotonic() < deadline:
        for message in await asyncio.to_thread(sinks.messages, to=address, limit=5):
            found = _CODE.search(f"{message.subject} {message.body}")
            if found and message.arrived_at >= since and "/a/" not in message.body:
                return found[0]
        await asyncio.sleep(0.1)
    raise UnexpectedPage("A code did not arrive within a minute.")
