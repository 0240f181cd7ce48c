"""A visitor without JavaScript: reads pages, fills in their forms, follows where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from urllib.parse import urljoin, urlsplit

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


@dataclass(slots=True)
class _Select:
    """A list to choose from, while it is read: each option as (value, selected, disabled)."""

    name: str
    is_multiple: bool
    options: list[tuple[str, bool, bool]] = field(default_factory=list)

    def values(self) -> list[tuple[str, str]]:
        chosen = [value for value, selected, disabled in self.options if selected and not disabled]
        if not self.is_multiple:
            # Where none is selected, a browser shows the first one, and sends it.
            enabled = [value for value, _selected, disabled in self.options if not disabled]
            chosen = chosen[-1:] or enabled[:1]
        return [(self.name, value) for value in chosen]


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: _Select | None = None
        # The option without a value that is open: its text is its value.
        self._unsaid: tuple[bool, bool] | None = None
        self._text: list[str] = []
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "option":
            self._begin_option(given)
        elif "disabled" in given:
            return
        elif tag == "input":
            _read_input(self._form, name, given)
        elif tag == "button" and given.get("type", "submit").lower() == "submit":
            self._form.buttons.append((name, given.get("value", "")))
        elif tag == "select" and name:
            self._form.names.add(name)
            self._select = _Select(name, "multiple" in given)
        elif tag == "textarea" and name:
            self._form.names.add(name)
            self._textarea, self._text = name, []

    def _begin_option(self, given: dict[str, str]) -> None:
        self._end_option()
        if self._select is None:
            return
        flags = ("selected" in given, "disabled" in given)
        if "value" in given:
            self._select.options.append((given["value"], *flags))
        else:
            self._unsaid, self._text = flags, []

    def _end_option(self) -> None:
        if self._select is not None and self._unsaid is not None:
            text = " ".join("".join(self._text).split())
            self._select.options.append((text, *self._unsaid))
        self._unsaid = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "option":
            self._end_option()
        elif tag == "select" and self._select is not None:
            self._end_option()
            if self._form is not None:
                self._form.values += self._select.values()
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            if self._form is not None:
                # HTML drops the first line break inside a textarea.
                text = "".join(self._text).removeprefix("\n")
                self._form.values.append((self._textarea, text))
            self._textarea = None
        elif tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None or self._unsaid is not None:
            self._text.append(data)


def _read_input(form: Form, name: str, given: dict[str, str]) -> None:
    kind = given.get("type", "text").lower()
    if kind == "submit":
        form.buttons.append((name, given.get("value", "")))
    if not name or kind in {"submit", "button", "image", "reset"}:
        return
    form.names.add(name)
    if kind == "file" or (kind in {"checkbox", "radio"} and "checked" not in given):
        return
    unsaid = "on" if kind in {"checkbox", "radio"} else ""
    form.values.append((name, given.get("value", unsaid)))


def read_forms(html: str) -> list[Form]:
    """The forms of a page, in its order, as a browser would send them untouched."""
    reader = _FormReader()
    reader.feed(html)
    reader.close()
    return reader.forms


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
        fields: Mapping[str, str | list[str]] | None = None,
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
        pairs = [(name, value) for name, value in form.values if name not in fields]
        for name, filled in fields.items():
            pairs += [(name, value) for value in ([filled] if isinstance(filled, str) else filled)]
        if button and button[0]:
            pairs.append(button)
        address = urljoin(page.url, form.action)
        if form.method == "get":
            # The fields stand in the address, in place of what stood there.
            answering = self._session.get(urljoin(address, urlsplit(address).path), params=pairs)
        else:
            data = aiohttp.FormData(pairs)
            if upload:
                data.add_field(upload[0], upload[2], filename=upload[1])
            answering = self._session.post(address, data=data)
        async with answering as answer:
            return await _page(answer)


async def _page(answer: aiohttp.ClientResponse) -> Page:
    text = await answer.text()
    return Page(str(answer.url), answer.status, text, read_forms(text))
