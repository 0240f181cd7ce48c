"""Which channels there are: one for each folder beside this file.

A folder's `__init__` holds `LABEL`, what officers read, and `ORDER`, where it stands among them.
It imports nothing of the portal's, since the tables' choices are made of it. Where an address says
nothing to its own person, `describe(address)` says it in words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from django.utils.functional import Promise

from notifications import channels

# Characters that a channel's address may have at most: a browser's has the most.
LONGEST_ADDRESS = 4096


@lru_cache
def _folders() -> dict[str, ModuleType]:
    found = [
        import_module(f"{channels.__name__}.{module.name}")
        for module in iter_modules(channels.__path__)
        if module.ispkg
    ]
    found.sort(key=lambda folder: folder.ORDER)
    return {folder.__name__.rpartition(".")[2]: folder for folder in found}


def channel_names() -> tuple[str, ...]:
    return tuple(_folders())


def channel_labels() -> dict[str, str | Promise]:
    return {name: folder.LABEL for name, folder in _folders().items()}


def channel_choices() -> list[tuple[str, str | Promise]]:
    return list(channel_labels().items())


def describe_address(channel: str, address: str) -> str:
    """An address as its person knows it."""
    describe: Callable[[str], str] | None = getattr(_folders().get(channel), "describe", None)
    return describe(address) if describe else address
