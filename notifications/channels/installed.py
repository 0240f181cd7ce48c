"""Which channels there are: one for each folder beside this file.

A folder's `__init__` holds `LABEL`, what officers read, and `ORDER`, where it stands among them.
It imports nothing of the portal's, since the tables' choices are made of it.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from django.utils.functional import Promise

from notifications import channels


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
