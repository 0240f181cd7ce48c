"""Reads from the environment who carries each channel's messages. Pure, as environment.py is.

`SMS_PROVIDERS=gateway,backup` names them in the order in which they are tried. Each variable that
begins with `SMS_BACKUP_` is an option of one: `SMS_BACKUP_URL` its "url". One that ends in `_FILE`
names a file that holds the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Who carries a channel's messages where its variable is not set.
_DEFAULTS = {"mail": "smtp", "sms": "gateway"}
_NAME = re.compile(r"[a-z][a-z0-9]*")


def providers_from(
    environ: Mapping[str, str], channels: Iterable[str]
) -> dict[str, list[dict[str, str]]]:
    """{channel: [{"name": ..., option: value}]}. Raises ImproperlyConfigured for a name that is
    not made of small letters and digits, one that stands twice, and a file that cannot be read."""
    return {channel: _of_channel(environ, channel) for channel in channels}


def _of_channel(environ: Mapping[str, str], channel: str) -> list[dict[str, str]]:
    variable = f"{channel.upper()}_PROVIDERS"
    listed = environ.get(variable, _DEFAULTS.get(channel, ""))
    names = [name.strip().lower() for name in listed.split(",") if name.strip()]
    for name in names:
        if not _NAME.fullmatch(name) or names.count(name) > 1:
            raise ImproperlyConfigured(
                f"{variable} names {name!r}: use small letters and digits, and each name once."
            )
    return [{"name": name, **_options(environ, f"{channel}_{name}_".upper())} for name in names]


def _options(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for variable in sorted(environ):
        option = variable.removeprefix(prefix).lower()
        if not variable.startswith(prefix) or not environ[variable]:
            continue
        if option.endswith("_file"):
            options[option.removesuffix("_file")] = _content(variable, environ[variable])
        else:
            options.setdefault(option, environ[variable])
    return options


def _content(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{variable} names {path}, which cannot be read: {error.strerror}."
        ) from error
