"""Reads the environment into typed settings. Pure: no Django settings, no side effects."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_DEMO_PREFIX = "demo-only-"


def env(name: str, default: str) -> str:
    return os.environ.get(name, default)


def env_flag(name: str, *, default: bool) -> bool:
    """Read a yes/no variable. Raises ImproperlyConfigured for any other word."""
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}: set it to true or false.")


def env_days(name: str, default: int, *, least: int, most: int) -> int:
    """Read a number of days. Raises ImproperlyConfigured outside the bounds, both inclusive."""
    raw = os.environ.get(name) or str(default)
    days = int(raw) if raw.isascii() and raw.isdigit() else -1
    if not least <= days <= most:
        raise ImproperlyConfigured(f"{name} is {raw!r}: set it to {least} to {most} days.")
    return days


def env_int(name: str, default: int) -> int:
    """Read a whole number. Raises ImproperlyConfigured for anything else."""
    raw = os.environ.get(name, "")
    try:
        return int(raw) if raw else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}: set it to a whole number.") from None


def env_list(name: str, default: list[str]) -> list[str]:
    raw = os.environ.get(name)
    return default if raw is None else [item.strip() for item in raw.split(",") if item.strip()]


def demo_key(name: str) -> str:
    """A well-known key of 32 bytes for the demo and the tests, in base64. Never for real data."""
    return base64.b64encode(hashlib.sha256(f"{_DEMO_PREFIX}{name}".encode()).digest()).decode()


def env_secret(
    name: str, *, mode: str, default: str | None = None, required: bool = True, shortest: int = 0
) -> str:
    """Read a secret from NAME or from the file that NAME_FILE names.

    Outside production a missing secret falls back to a demo key. In production a missing or too
    short secret, or a demo key, raises ImproperlyConfigured that says which variable to set.
    """
    value = os.environ.get(name, "")
    path = os.environ.get(f"{name}_FILE", "")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
            ) from error
    fallback = demo_key(name) if default is None else default
    if mode != "production":
        return value or fallback
    if not value and required:
        raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to a file that holds it.")
    if value and required and demo_key(name) in value:
        raise ImproperlyConfigured(f"{name} is the demo's key: set a secret of your own.")
    if len(value) < shortest:
        raise ImproperlyConfigured(
            f"{name} has {len(value)} characters: set a random secret of at least {shortest}."
        )
    return value


def database_from_url(url: str) -> dict[str, Any]:
    """Turn postgres://user:password@host:port/name, or ?host=/socket/folder, into Django's dict.

    ?pooler=transaction says that a pooler lends a connection for one transaction at a time.
    """
    if not url:
        return {"ENGINE": "django.db.backends.postgresql", "NAME": "DATABASE_URL is not set"}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        # A cursor of the server's outlives the transaction that it was opened in.
        "DISABLE_SERVER_SIDE_CURSORS": query.pop("pooler", "") == "transaction",
        "OPTIONS": query,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def redis_cache_url(url: str) -> str:
    """redis+socket:///path/to.sock?virtual_host=0 (Celery's form) as redis-py wants it."""
    if not url.startswith("redis+socket://"):
        return url
    parts = urlsplit(url)
    number = parse_qs(parts.query).get("virtual_host", ["0"])[-1]
    return f"unix://{parts.path}?db={number}"


def redis_celery_url(url: str) -> str:
    """unix:///path/to.sock?db=0 (redis-py's form) as Celery wants it."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    number = parse_qs(parts.query).get("db", ["0"])[-1]
    return f"redis+socket://{parts.path}?virtual_host={number}"
