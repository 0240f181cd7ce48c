"""Every route of the URL resolver, and the address on it that leads to a real object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

# Arguments that stand for no object of anybody's.
_PLAIN = {"country": "NP", "version": "1", "form": "csv"}
_NOBODYS = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Route:
    """One entry of the resolver: its name ("" where it has none), whole pattern and view."""

    name: str
    path: str
    callback: Any

    @property
    def view(self) -> str:
        return str(getattr(self.callback, "view_class", self.callback).__name__)

    def takes(self, method: str) -> bool:
        """Whether the view has such a method at all ("get", "post").

        A function does not tell, nor does a view of the API, which answers to any.
        """
        view = getattr(self.callback, "view_class", None)
        return (
            view is None
            or hasattr(view, "permission_classes")
            or (hasattr(view, method) and method in view.http_method_names)
        )

    def address(self, objects: Mapping[str, Any]) -> str:
        """The path with its arguments filled.

        `objects` are found by the route so far, as "crises/<pk>", or by the argument alone,
        "<person_id>". Where there is none, nobody's identifier stands.
        """
        walked, filled = "", ""
        for part in self.path.lstrip("^").rstrip("$").split(">"):
            text, found, argument = part.partition("<")
            walked, filled = walked + text, filled + text
            if found:
                converter, _, name = argument.rpartition(":")
                walked += f"<{name}>"
                nobodys = "0" if converter == "int" else _NOBODYS
                value = objects.get(walked, objects.get(f"<{name}>", _PLAIN.get(name, nobodys)))
                filled += str(value)
        return "/" + filled.replace(".*", "x").replace("^", "")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[Route]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield Route(entry.name or "", path, entry.callback)
