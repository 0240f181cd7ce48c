"""The fourth attacker looks for somebody who was erased: the forgotten record."""

from __future__ import annotations

import asyncio
from urllib.error import HTTPError
from urllib.request import urlopen

from micic_portal.demo.officers import sign_in
from micic_portal.demo.visitor import Visitor
from tests.attackers.loot import Loot, Target
from tests.attackers.officer import OWN_OFFICER
from tests.attackers.signing import sign_in_by_mail


def seek(target: Target, reference: str) -> Loot:
    """Erases the target first; whatever is found afterwards was forgotten."""
    loot = Loot("A seeker of the erased")
    target.portal.manage("erase_registration", reference)
    canaries = target.canaries
    target.portal.manage(
        "prove_erasure", target.person,
        "--value", canaries.mail("own"), "--value", canaries.telephone("own"),
        "--value", canaries.word("family_name"), "--value", canaries.word("exact_address"),
    )  # fmt: skip
    loot.add("searches tables and indexes", [])
    with target.database() as cursor:
        cursor.execute("SELECT count(*) FROM audit_subjectsalt WHERE person_id = %s",
                       [target.person])  # fmt: skip
        loot.add("ties the ledger to them", ["a salt"] if cursor.fetchone()[0] else [])
    loot.add("opens the link of their notice", _old_link(target))
    loot.add("signs in with their address", asyncio.run(_their_address(target)))
    loot.add("looks for them as their own post", asyncio.run(_their_post(target)))
    return loot


def _old_link(target: Target) -> set[str]:
    try:
        with urlopen(f"{target.portal.url}{target.link}", timeout=20) as answer:
            return target.seen_in(answer.read())
    except HTTPError as refused:
        return target.seen_in(refused.read())


async def _their_address(target: Target) -> set[str]:
    mail = target.canaries.mail("own")
    async with Visitor(target.portal.url, "en") as visitor:
        page = await sign_in_by_mail(visitor, target.portal, mail)
        page = await visitor.read("/register/mine/")
    return target.seen_in(page.text.encode())


async def _their_post(target: Target) -> set[str]:
    async with Visitor(target.portal.url, "en") as visitor:
        await sign_in(visitor, OWN_OFFICER)
        page = await visitor.read(f"/staff/people/{target.person}/")
        found = {"a record"} if page.status == 200 else set()
        page = await visitor.read("/staff/people/find/")
        sought = {"sought": target.canaries.telephone("own"), "purpose": "family"}
        page = await visitor.submit(page, page.form_with("sought"), sought)
        return found | ({"a record"} if target.person in page.text else set())
