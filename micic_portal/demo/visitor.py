"""A visitor without JavaScript: reads pages, fills in their forms, follows where they lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from urllib.parse import urljoin

import aiohttp


class UnexpectedPage(RuntimeError):
    """The portal answered with another page than the journey calls for."""


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes, what it holds, which buttons it has."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and name:
            self._form.names.add(name)
            kind = given.get("type", "text")
            if kind in {"checkbox", "radio"} and "checked" not in given:
                return
            if kind in {"submit", "button"}:
                self._form.buttons.append((name, given.get("value", "")))
            elif kind != "file":
                unsaid = "on" if kind in {"checkbox", "radio"} else ""
                self._form.values.append((name, given.get("value", unsaid)))
        elif tag == "button" and given.get("type", "submit") == "submit":
            self._form.buttons.append((name, given.get("value", "")))
        elif tag == "select" and name:
            self._form.names.add(name)
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._form.values.append((self._select, given.get("value", "")))
        elif tag == "textarea" and name:
            self._form.names.add(name)
            self._form.values.append((name, ""))
            self._textarea = name

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea is not None:
            name, text = self._form.values.pop()
            # HTML drops the first line break inside a textarea.
            self._form.values.append((name, text + (data.removeprefix("\n") if not text else data)))


@dataclass(frozen=True, slots=True)
class Page:
    """What came back: the address after redirects, the status and the HTML with its forms."""

    url: str
    status: int
    text: str
    forms: list[Form]

    def form_with(self, name: str) -> Form:
        """The first form with a field or a button of that name. Raises UnexpectedPage."""
        for form in self.forms:
            if name in form.names or any(button[0] == name for button in form.buttons):
                return form
        raise UnexpectedPage(f"No form with {name!r} on {self.url.split('?')[0]} ({self.status}).")


class Visitor:
    """One person's browser session on the portal at `base` (scheme, host and port)."""

    def __init__(self, base: str, language: str) -> None:
        self._base = base
        self._session = aiohttp.ClientSession(
            # The cookies of an address without a name are kept too.
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept-Language": language},
            timeout=aiohttp.ClientTimeout(total=60),
        )

    async def __aenter__(self) -> Visitor:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def read(self, path: str) -> Page:
        async with self._session.get(urljoin(self._base, path)) as answer:
            return await _page(answer)

    async def submit(
        self,
        page: Page,
        form: Form,
        fields: dict[str, str | list[str]] | None = None,
        *,
        button: tuple[str, str] | None = None,
        upload: tuple[str, str, bytes] | None = None,
    ) -> Page:
        """Send `form` as it stands on the page with `fields` filled in.

        `button` is the (name, value) pressed; `upload` is (field, file name, content).
        """
        fields = fields or {}
        missing = fields.keys() - form.names
        if missing:
            raise UnexpectedPage(f"No field {sorted(missing)} on {page.url.split('?')[0]}.")
        data = aiohttp.FormData()
        for name, value in form.values:
            if name not in fields:
                data.add_field(name, value)
        for name, filled in fields.items():
            for value in [filled] if isinstance(filled, str) else filled:
                data.add_field(name, value)
        if button and button[0]:
            data.add_field(*button)
        if upload:
            data.add_field(upload[0], upload[2], filename=upload[1])
        async with self._session.request(
            form.method, urljoin(page.url, form.action), data=data
        ) as answer:
            return await _page(answer)


async def _page(answer: aiohttp.ClientResponse) -> Page:
    text = await answer.text()
    reader = _FormReader()
    reader.feed(text)
    return Page(str(answer.url), answer.status, text, reader.forms)
