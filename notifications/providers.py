"""Who carries the messages of a channel, in the order in which they are tried.

The operator describes them by environment variables (docs/deployment.md); settings hold what was
read as CHANNEL_PROVIDERS: {channel: [{"name": ..., option: value}]}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings


@dataclass(slots=True, frozen=True)
class Provider:
    """One provider of a channel. Its repr shows no option: some are secret."""

    channel: str
    name: str
    options: Mapping[str, str] = field(repr=False, compare=False, hash=False)

    @property
    def key(self) -> str:
        """As rows, metrics and logs name it: "sms.gateway"."""
        return f"{self.channel}.{self.name}"

    def option(self, name: str, default: str = "") -> str:
        return self.options.get(name) or default

    @property
    def per_second(self) -> float | None:
        """Letters a second that the operator allows it; None for no limit of ours.

        Raises nothing for what is no such number: `check_channels` says so to the operator.
        """
        try:
            rate = float(self.option("per_second", "0"))
        except ValueError:
            return None
        return rate if 0 < rate < float("inf") else None


class NoProvider(LookupError):
    """The operator has described nobody who carries this."""


def providers_of(channel: str) -> tuple[Provider, ...]:
    described = settings.CHANNEL_PROVIDERS.get(channel, ())
    return tuple(Provider(channel, options["name"], options) for options in described)


def provider_named(key: str) -> Provider:
    """The provider with this key. Raises NoProvider, also when it is no longer described."""
    channel = key.partition(".")[0]
    for provider in providers_of(channel):
        if provider.key == key:
            return provider
    raise NoProvider(key)
