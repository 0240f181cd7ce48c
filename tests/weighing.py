"""Weighs a page with all that a browser fetches for it, and notices what it fetches elsewhere.

What goes over the wire counts: the page as the portal sends it (uncompressed: it holds a token
that compression would give away), and each static file as WhiteNoise sends it (gzip, where that
makes it smaller). A map's library is fetched only by whoever opens a map, and is not counted.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

_IMPORT = re.compile(r"""^\s*(?:import|export)\s(?:[^"'();]*?\sfrom\s)?\s*["']([^"']+)["']""", re.M)
_CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)""")
# Where each element keeps an address that the browser follows by itself, or when told to.
_FETCHED = {"link": "href", "script": "src", "img": "src", "source": "src", "iframe": "src"}
_FOLLOWED = {"a": "href", "form": "action", "area": "href", "base": "href"}
_KEPT_BY_THE_DEVICE = {"mailto", "tel", "sms", "data"}


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes over the wire, and the addresses on other hosts that the page names."""

    total: int
    elsewhere: frozenset[str]


class References(HTMLParser):
    """The addresses in a page: those fetched with it, and those that it leads to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: set[str] = set()
        self.followed: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _FETCHED and given.get(_FETCHED[tag]):
            self.fetched.add(given[_FETCHED[tag]])
        if tag in _FOLLOWED and given.get(_FOLLOWED[tag]):
            self.followed.add(given[_FOLLOWED[tag]])


def weigh(html: str, path: str) -> Weight:
    """The page that stands at `path`, with everything it fetches by itself."""
    references = References(html)
    files: set[str] = set()
    waiting = {urljoin(path, one) for one in references.fetched}
    while waiting:
        address = waiting.pop()
        if address in files or _is_elsewhere(address) or _scheme(address) in _KEPT_BY_THE_DEVICE:
            continue
        files.add(address)
        waiting |= {urljoin(address, one) for one in _static(address)[1]}
    named = files | references.fetched | references.followed
    return Weight(
        total=len(html.encode()) + sum(_static(address)[0] for address in files),
        elsewhere=frozenset(address for address in named if _is_elsewhere(address)),
    )


@lru_cache(maxsize=256)
def _static(address: str) -> tuple[int, frozenset[str]]:
    """A static file's bytes over the wire, and the files that it fetches in its turn."""
    path = urlsplit(address).path
    prefix = f"/{settings.STATIC_URL.strip('/')}/"
    assert path.startswith(prefix), f"{address} is fetched by a page and is no static file"
    file = finders.find(path.removeprefix(prefix))
    assert file, f"there is no static file {address}"
    content = Path(file).read_bytes()
    text = content.decode("utf-8", "replace")
    pattern = {".js": _IMPORT, ".css": _CSS_URL}.get(Path(file).suffix)
    fetched = frozenset(pattern.findall(text)) if pattern else frozenset()
    return min(len(content), len(gzip.compress(content, 9))), fetched


def _is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def _scheme(address: str) -> str:
    return urlsplit(address).scheme
