"""When a stay has served its purpose, and the port by which the floors above may hold it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from registrations.models import Stay

# Asked about each batch at once; answers with the ids of the stays that must be kept for now, each
# with what it is kept for: public names (a crisis's), or "" for what has none yet.
Veto = Callable[[Sequence["Stay"]], Mapping[UUID, Collection[str]]]

# The day has ended everywhere once it has ended here, on Baker Island.
_WESTERNMOST = dt.timezone(dt.timedelta(hours=-12))

_vetoes: dict[str, Veto] = {}


def bind_veto(name: str, veto: Veto) -> None:
    _vetoes[name] = veto


def held_back(stays: Sequence[Stay]) -> set[UUID]:
    """Ids of those stays that some floor above still needs."""
    return {stay_id for veto in _vetoes.values() for stay_id in veto(stays)}


def why_held(stays: Sequence[Stay]) -> dict[UUID, list[str]]:
    """For whom it concerns: what each of those stays is still kept for, whose time is over."""
    over = [stay for stay in stays if stay.ends_on < first_kept_day(timezone.now())]
    reasons: dict[UUID, list[str]] = {}
    for veto in _vetoes.values():
        for stay_id, names in veto(over).items():
            reasons.setdefault(stay_id, []).extend(names)
    return reasons


def first_kept_day(now: dt.datetime) -> dt.date:
    """Stays that ended before this day are erased: 30 whole days, unless set otherwise, have passed
    since, whatever the time zone."""
    return now.astimezone(_WESTERNMOST).date() - days_kept()


def days_kept() -> dt.timedelta:
    return dt.timedelta(days=settings.STAY_RETENTION_DAYS)
