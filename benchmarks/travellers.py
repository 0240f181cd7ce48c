"""Light visitors that register through the web form: every page read, every form sent.

They are as cheap as they can be, because they run on the cores they measure: no page is parsed,
only the token against forged requests is looked up in it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
from django.utils import timezone

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_CODE = re.compile(r"\b\d{6}\b")
_CODE_SECONDS = 60
# Addresses of this run alone: what an earlier one left in the sinks is nobody's code.
_RUN = f"{int(time.time()):x}"
_LANGUAGES = ("es", "en", "fr", "ar")
# A registration that goes in circles is a fault, not a load.
_MOST_REQUESTS = 40
FIRST_PAGE, LAST_PAGE = "/", "/register/done/"


class WrongTurn(RuntimeError):
    """A page answered other than a registration calls for."""


@dataclass(slots=True)
class Seen:
    """What the visitors saw: (end, seconds) of each request, and the moment each one finished."""

    requests: list[tuple[float, float]] = field(default_factory=list)
    registered: list[float] = field(default_factory=list)
    requests_each: list[int] = field(default_factory=list)
    code_waits: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Town:
    """A place that visitors travel to, as the form asks for it."""

    pk: int
    name: str
    country: str


class Traveller:
    """One visitor with an address, a network and cookies of their own."""

    def __init__(
        self, session: aiohttp.ClientSession, *, base: str, sinks: str, number: int, town: Town
    ) -> None:
        self._session = session
        self._base = base
        self._sinks = sinks
        self._mail = f"traveller{number}.{_RUN}@benchmark.example"
        self._language = _LANGUAGES[number % len(_LANGUAGES)]
        self._town = town
        self._cookies: dict[str, str] = {}
        # Many networks cannot be had on one machine, so the one proxy that the benchmark's portal
        # trusts is this header: every visitor comes from another /24, as the limits count them.
        self._from = f"10.{number >> 8 & 255}.{number & 255}.{number >> 16 & 255}"
        self._asked = 0

    async def register(self, seen: Seen) -> None:
        """From the start page to the last one. Raises WrongTurn."""
        await self._request(seen, "GET", FIRST_PAGE)
        path = "/register/who/"
        while path != LAST_PAGE:
            page = await self._request(seen, "GET", path)
            path = await self._answer(seen, path, page)
            if self._asked > _MOST_REQUESTS:
                raise WrongTurn(f"A registration of over {_MOST_REQUESTS} requests, at {path}")
        await self._request(seen, "GET", path)
        seen.registered.append(time.perf_counter())
        seen.requests_each.append(self._asked)

    async def _answer(self, seen: Seen, path: str, page: str) -> str:
        """Fill in the form of a page; return where it leads."""
        fields = await self._fields(seen, path)
        token = _TOKEN.search(page)
        if token is None:
            raise WrongTurn(f"{path} has no form")
        return await self._request(seen, "POST", path, fields | {"csrfmiddlewaretoken": token[1]})

    async def _fields(self, seen: Seen, path: str) -> dict[str, str]:
        steps: dict[str, Callable[[], dict[str, str]]] = {
            "/register/who/": self._who,
            "/register/where/": self._where,
            "/register/people/": self._people,
            "/register/consents/": lambda: {"crisis_contact": "on", "advice": "on"},
            "/register/check/": dict,
        }
        if path == "/register/code/":
            return {"code_mail": await self._code(seen)}
        if path not in steps:
            raise WrongTurn(f"No answer is known for {path}")
        return steps[path]()

    def _who(self) -> dict[str, str]:
        return {
            "name": "Inés Rojas",
            "mail": self._mail,
            "mobile": "",
            "language": self._language,
        }

    def _where(self) -> dict[str, str]:
        today = timezone.localdate()
        return {
            "kind": "trip",
            "place": self._town.name,
            "place_id": str(self._town.pk),
            "country": self._town.country,
            "starts_on": today.isoformat(),
            "ends_on": (today + dt.timedelta(days=12)).isoformat(),
        }

    def _people(self) -> dict[str, str]:
        return {"name": "Luz Rojas", "phone": "+34911234567", "language": self._language}

    async def _code(self, seen: Seen) -> str:
        """The code in the mail that arrived."""
        began = time.perf_counter()
        while time.perf_counter() - began < _CODE_SECONDS:
            await asyncio.sleep(0.1)
            where = f"{self._sinks}/control/messages?to={self._mail}&limit=1"
            async with self._session.get(where) as answer:
                arrived = (await answer.json())["messages"]
            if arrived and (code := _CODE.search(arrived[0]["body"])):
                seen.code_waits.append(time.perf_counter() - began)
                return code[0]
        raise WrongTurn(f"No code arrived within {_CODE_SECONDS} s")

    async def _request(
        self, seen: Seen, method: str, path: str, form: dict[str, str] | None = None
    ) -> str:
        """The page of a GET; where a POST leads, which every right answer does."""
        self._asked += 1
        headers = {
            "Accept-Language": self._language,
            "Accept-Encoding": "gzip",
            "X-Forwarded-For": self._from,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
        }
        began = time.perf_counter()
        async with self._session.request(
            method, self._base + path, data=form, headers=headers, allow_redirects=False
        ) as answer:
            text = await answer.text()
        ended = time.perf_counter()
        seen.requests.append((ended, ended - began))
        self._cookies |= {name: cookie.value for name, cookie in answer.cookies.items()}
        wanted = HTTPStatus.FOUND if method == "POST" else HTTPStatus.OK
        if answer.status != wanted:
            raise WrongTurn(f"{method} {path} was answered with {answer.status}")
        return answer.headers["Location"] if method == "POST" else text
