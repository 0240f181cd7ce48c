"""The cache that pages may live without: Redis being down turns nobody away.

What it holds are counters of tries. Where a missing counter would cost money (text messages), the
cache "limits" is used, which raises.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@contextmanager
def _without_redis() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        logger.warning("the cache does not answer: %s", type(error).__name__)


class ForgivingRedisCache(RedisCache):
    """Django's own, which answers as an empty cache does while Redis is down."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with _without_redis():
            return bool(super().add(key, value, timeout, version))
        return True

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        with _without_redis():
            return super().get(key, default, version)
        return default

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        with _without_redis():
            found: dict[Any, Any] = super().get_many(keys, version)
            return found
        return {}

    def has_key(self, key: Any, version: int | None = None) -> bool:
        with _without_redis():
            return bool(super().has_key(key, version))
        return False

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        with _without_redis():
            super().set(key, value, timeout, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        with _without_redis():
            return int(super().incr(key, delta, version))
        return delta

    def delete(self, key: Any, version: int | None = None) -> bool:
        with _without_redis():
            return bool(super().delete(key, version))
        return False
