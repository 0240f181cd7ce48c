"""The door through which the floor above says who is to be told of a change: bound at its start."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from notifications.actions.preparation import Rows

PURPOSE = "advice"


class Audience(Protocol):
    def __call__(self, countries: Collection[str]) -> Rows:
        """Select (recipient_id, subject_id, channel, language) of each person with a current or
        coming stay in one of these countries who asked for advice: one row for each person."""
        ...


class NoAudience(LookupError):
    """No floor above has said who asked for advice."""


_audiences: list[Audience] = []


def bind_audience(audience: Audience) -> None:
    _audiences[:] = [audience]


def audience_of(countries: Collection[str]) -> Rows:
    """Raises NoAudience."""
    if not _audiences:
        raise NoAudience
    return _audiences[0](countries)
