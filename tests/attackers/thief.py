"""The first attacker has the whole database, and may write to it, but holds none of the keys."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any
from urllib.request import Request, urlopen

from micic_portal.demo.visitor import Visitor
from tests.attackers.loot import Loot, Target
from tests.attackers.signing import sign_in_by_mail

# What somebody without the secrets would try as one.
_GUESSES = (b"", b"secret", b"BLIND_INDEX_KEY", b"contact", b"micic", b"\0" * 32)


def steal(target: Target, thief_mail: str) -> Loot:
    """`thief_mail` is the address of a registration of the thief's own."""
    loot = Loot("A thief of the database")
    with target.database() as cursor:
        tables = _tables(cursor)
        loot.add(f"reads every row of {len(tables)} tables", _read_all(target, cursor, tables))
        loot.add("guesses blind indexes of a known address", _guess(target, cursor))
        loot.add("copies sealed values to their own row", _transplant(target, cursor, thief_mail))
        loot.add("puts their index on another's address", _borrow(target, cursor, thief_mail))
        loot.add("forges a session of the victim's", _forge_session(target, cursor))
    return loot


def _tables(cursor: Any) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [row[0] for row in cursor.fetchall()]


def _read_all(target: Target, cursor: Any, tables: list[str]) -> set[str]:
    found: set[str] = set()
    for table in tables:
        if table in {"geography_place", "geography_placename"}:
            continue
        cursor.execute(f'SELECT t::text FROM "{table}" AS t')
        found |= target.seen_in("\n".join(row[0] for row in cursor.fetchall()).encode())
    return found


def _guess(target: Target, cursor: Any) -> set[str]:
    known = [f"mail:{target.canaries.mail('own')}", f"phone:{target.canaries.telephone('own')}"]
    cursor.execute("SELECT address_index FROM registrations_contactpoint")
    stored = {bytes(row[0]) for row in cursor.fetchall()}
    guesses = {
        digest
        for text in known
        for secret in _GUESSES
        for message in (text.encode(), f"contact|{text}".encode())
        for digest in (
            hmac.digest(secret, message, "sha256"),
            hashlib.sha256(secret + message).digest(),
        )
    }
    tails = {digest[:26] for digest in guesses}
    return {"an index" for index in stored if index in guesses or index[6:] in tails}


def _transplant(target: Target, cursor: Any, thief_mail: str) -> set[str]:
    """Sealed values of the victim in the thief's own row, to have the portal open them."""
    thief = _person_of(target, thief_mail)
    columns = "name, document_number, birth_date, needs, home_region"
    cursor.execute(f"SELECT {columns} FROM registrations_person WHERE id = %s", [thief])
    own = cursor.fetchone()
    places = ", ".join(["%s"] * len(own))
    try:
        cursor.execute(
            f"UPDATE registrations_person SET ({columns}) = "
            f"(SELECT {columns} FROM registrations_person WHERE id = %s) WHERE id = %s",
            [target.person, thief],
        )
        return target.seen_in(asyncio.run(_own_pages(target, thief_mail)))
    finally:
        cursor.execute(
            f"UPDATE registrations_person SET ({columns}) = ({places}) WHERE id = %s", [*own, thief]
        )


def _borrow(target: Target, cursor: Any, thief_mail: str) -> set[str]:
    """The thief's index on the victim's contact points, to sign in as the victim."""
    thief = _person_of(target, thief_mail)
    points = "registrations_contactpoint"
    cursor.execute(f"SELECT id, address_index FROM {points} WHERE person_id = %s", [target.person])
    before = cursor.fetchall()
    cursor.execute(f"SELECT address_index FROM {points} WHERE person_id = %s", [thief])
    mine = cursor.fetchone()[0]
    try:
        cursor.execute(
            f"UPDATE {points} SET address_index = %s WHERE person_id = %s", [mine, target.person]
        )
        cursor.execute(f"UPDATE {points} SET verified_at = NULL WHERE person_id = %s", [thief])
        return target.seen_in(asyncio.run(_own_pages(target, thief_mail)))
    finally:
        cursor.execute(f"UPDATE {points} SET verified_at = now() WHERE person_id = %s", [thief])
        for pk, index in before:
            cursor.execute(f"UPDATE {points} SET address_index = %s WHERE id = %s", [index, pk])


def _forge_session(target: Target, cursor: Any) -> set[str]:
    """A row in the table of sessions, signed with a guess."""
    data = target.portal.call("tests.attackers.forging:forge", target.person)
    cursor.execute(
        "INSERT INTO django_session (session_key, session_data, expire_date) "
        "VALUES (%s, %s, now() + interval '1 day')",
        [data["key"], data["session"]],
    )
    return target.seen_in(_with_session(target, data["key"]))


def _with_session(target: Target, key: str) -> bytes:
    asked = Request(f"{target.portal.url}/register/mine/", headers={"Cookie": f"sessionid={key}"})
    with urlopen(asked, timeout=20) as answer:
        return bytes(answer.read())


async def _own_pages(target: Target, thief_mail: str) -> bytes:
    async with Visitor(target.portal.url, "en") as visitor:
        page = await sign_in_by_mail(visitor, target.portal, thief_mail)
        texts = [page.text]
        for path in ("/register/mine/", "/register/mine/data/"):
            texts.append((await visitor.read(path)).text)
    return "\n".join(texts).encode()


def _person_of(target: Target, mail: str) -> str:
    person: str = target.portal.call("tests.attackers.forging:person_of", mail)
    return person
