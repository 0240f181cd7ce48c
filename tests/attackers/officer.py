"""The second attacker is an officer of another post, signed in as they should be, and curious."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from micic_portal.demo.officers import sign_in
from micic_portal.demo.visitor import UnexpectedPage, Visitor
from tests.attackers.loot import Loot, Target

FOREIGN_OFFICER = "maria@manila.example"
OWN_OFFICER = "ana@mexico.example"
_OVERSEERS = ("david@capital.example", "ines@capital.example", "omar@capital.example")


def pry(target: Target) -> Loot:
    loot = Loot("A curious officer")
    asyncio.run(_foreign(target, loot))
    asyncio.run(_without_reason(target, loot))
    for email in _OVERSEERS:
        asyncio.run(_overseer(target, loot, email))
    return loot


async def _foreign(target: Target, loot: Loot) -> None:
    paths = (
        f"/crises/{target.crisis}/",
        f"/crises/{target.crisis}/people/",
        f"/crises/{target.crisis}/people/{target.person}/",
        f"/staff/people/{target.person}/",
        f"/staff/duplicates/{target.person}/{target.person}/",
    )
    canaries = target.canaries
    async with Visitor(target.portal.url, "en") as visitor:
        await sign_in(visitor, FOREIGN_OFFICER)
        for path in paths:
            page = await visitor.read(path)
            found = target.seen_in(page.text.encode()) | (
                {f"status {page.status}"} if page.status == 200 else set()
            )
            loot.add("of another post opens what has an identifier", found)
        for sought in (
            canaries.mail("own"),
            canaries.telephone("own"),
            canaries.document("document"),
            canaries.mail("family"),
        ):
            page = await visitor.read("/staff/people/find/")
            form = page.form_with("sought")
            page = await visitor.submit(page, form, {"sought": sought, "purpose": "assistance"})
            # What they typed themselves stands in the field.
            found = {"a record"} if target.person in page.text else set()
            loot.add("of another post looks for what they were told", found)


async def _without_reason(target: Target, loot: Loot) -> None:
    paths = {
        f"/crises/{target.crisis}/people/{target.person}/": "reason",
        f"/staff/people/{target.person}/": "purpose",
    }
    async with Visitor(target.portal.url, "en") as visitor:
        await sign_in(visitor, OWN_OFFICER)
        for path, field in paths.items():
            page = await visitor.read(path)
            loot.add("of the right post reads without a reason", target.seen_in(page.text.encode()))
            for reason in ("", "curiosity"):
                page = await visitor.submit(page, page.form_with(field), {field: reason})
                loot.add(
                    "of the right post reads without a reason", target.seen_in(page.text.encode())
                )
        page = await visitor.read("/staff/people/find/")
        form = page.form_with("sought")
        name = target.canaries.word("family_name")
        page = await visitor.submit(page, form, {"sought": name, "purpose": "assistance"})
        found = {"a record"} if target.person in page.text else set()
        loot.add("of the right post looks for a name", found)


async def _overseer(target: Target, loot: Loot, email: str) -> None:
    paths = (
        f"/staff/people/{target.person}/",
        f"/crises/{target.crisis}/people/{target.person}/",
        "/staff/people/find/",
        "/crises/",
        "/oversight/",
    )
    async with Visitor(target.portal.url, "en") as visitor:
        # They land elsewhere than where an officer does.
        with suppress(UnexpectedPage):
            await sign_in(visitor, email)
        account = await visitor.read("/accounts/")
        assert "/login/" not in account.url, f"{email} is not signed in"
        for path in paths:
            page = await visitor.read(path)
            loot.add("who sees no people opens them", target.seen_in(page.text.encode()))
            is_staff_page = urlsplit(path).path.startswith(("/staff/", "/crises/"))
            if is_staff_page and page.status == 200:
                loot.add("who sees no people opens them", {f"{path} opened"})
