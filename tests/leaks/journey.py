"""What people do on the portal while somebody listens: visitors, officers, and an error."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import closing

import psycopg2

from micic_portal.demo.inbox import DemoSinks
from micic_portal.demo.officers import sign_in
from micic_portal.demo.travellers import answer_path
from micic_portal.demo.visitor import Page, Visitor
from tests.leaks.canaries import Canaries
from tests.portal import Portal

_OFFICER = "ana@mexico.example"


class Journey:
    """Every address that was asked for or led to is kept in `addresses`."""

    def __init__(self, portal: Portal, seed: str) -> None:
        self.portal = portal
        self.canaries = Canaries(seed)
        self.addresses: list[str] = []

    def half_register(self) -> None:
        """Begin, ask for codes, and go away: a draft and two challenges stay."""
        asyncio.run(self._half_register())

    def answer(self) -> str:
        """Ask for help and say more; returns the path of the link."""
        return asyncio.run(self._answer())

    def answer_while_broken(self, path: str) -> int:
        """The status with which an answer is met that cannot be kept."""
        return asyncio.run(self._answer_again(path))

    def text_back(self) -> None:
        """Answer by SMS what nobody can tell the meaning of: it is kept for an officer."""
        taken = DemoSinks(self.portal.sinks).answer(
            sender=self.canaries.telephone("own"), text=self.canaries.word("texted")
        )
        assert taken

    def officer_reads(self, crisis: str, person: str) -> None:
        asyncio.run(self._officer_reads(crisis, person))

    def _noted(self, page: Page) -> Page:
        self.addresses.append(page.url)
        return page

    async def _half_register(self) -> None:
        async with Visitor(self.portal.url, "es") as visitor:
            page = await visitor.read("/register/who/")
            fields: dict[str, str | list[str]] = {
                "name": self.canaries.word("half_done"),
                "mail": self.canaries.mail("half_done"),
                "mobile": self.canaries.telephone("half_done"),
                "language": "es",
            }
            page = self._noted(await visitor.submit(page, page.form_with("name"), fields))
            assert "/register/code/" in page.url, page.url
            page = self._noted(
                await visitor.submit(page, page.form_with("code_mail"), {"code_mail": "000000"})
            )
            assert page.status < 500

    async def _answer(self) -> str:
        path = await self._link()
        async with Visitor(self.portal.url, "es") as visitor:
            page = self._noted(await visitor.read(path))
            form = page.form_with("choice")
            page = self._noted(await visitor.submit(page, form, button=("choice", "need_help")))
            more: dict[str, str | list[str]] = {
                "whereabouts": self.canaries.word("whereabouts"),
                "note": self.canaries.word("note"),
            }
            page = self._noted(await visitor.submit(page, page.form_with("note"), more))
            assert page.status == 200
        return path

    async def _answer_again(self, path: str) -> int:
        async with Visitor(self.portal.url, "es") as visitor:
            page = await visitor.read(path)
            note: dict[str, str | list[str]] = {"note": self.canaries.word("broken_note")}
            self._rename("crises_answer", "crises_answer_away")
            try:
                page = await visitor.submit(page, page.form_with("note"), note)
            finally:
                self._rename("crises_answer_away", "crises_answer")
        return page.status

    def _rename(self, table: str, name: str) -> None:
        with closing(psycopg2.connect(self.portal.owner_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE {table} RENAME TO {name}")

    async def _link(self) -> str:
        sinks = DemoSinks(self.portal.sinks)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            for message in sinks.messages(to=self.canaries.mail("own"), limit=20):
                path = answer_path(message)
                if path:
                    return path
            await asyncio.sleep(0.2)
        raise AssertionError("The notice did not arrive.")

    async def _officer_reads(self, crisis: str, person: str) -> None:
        note = {"note": self.canaries.word("reading_note")}
        sought = {"sought": self.canaries.mail("own"), "purpose": "assistance"}
        async with Visitor(self.portal.url, "en") as visitor:
            await sign_in(visitor, _OFFICER)
            for path, field, fields in (
                (f"/crises/{crisis}/people/{person}/", "reason", {"reason": "asked_for_help"}),
                ("/staff/people/find/", "sought", dict(sought)),
                (f"/staff/people/{person}/", "purpose", {"purpose": "assistance"} | note),
            ):
                page = self._noted(await visitor.read(path))
                given: dict[str, str | list[str]] = dict(fields)
                page = self._noted(await visitor.submit(page, page.form_with(field), given))
                assert page.status == 200
                assert not re.search(r"field--wrong", page.text)
