"""How many wrong passwords and codes are borne, and for how long nobody may try after that.

Five from one network lock an account for that network; twenty from anywhere lock it for every
network from which its user has not signed in lately. So nobody locks an embassy out that lies
behind one address, nor an officer who sits where they always sit. Addresses that are nobody's lock
alike. Tries are counted in PostgreSQL, not in the cache: while Redis is down, sign-in is neither
open to guessing nor closed to officers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import KnownNetwork, RefusedTry, User
from accounts.networks import network_of

PLACE_LIMIT = 5
ACCOUNT_LIMIT = 20
COOL_OFF = dt.timedelta(minutes=30)
_ACCOUNT_WINDOW = dt.timedelta(hours=1)
REMEMBERED = COOL_OFF + _ACCOUNT_WINDOW
KNOWN_FOR = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was counted, or `locked_until` when it may not even be made."""

    email: str
    address: str
    row: int | None = None
    locked_until: dt.datetime | None = None


def take(*, email: str, address: str) -> Try:
    """Count a try before it is judged: a hundred at once are no more than one after another."""
    account, place = _account(email), _place(email, address)
    with transaction.atomic():
        with connection.cursor() as cursor:
            number = int.from_bytes(account[:8], "big", signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        until = _locked_until(account, place)
        if until is not None:
            return Try(email, address, locked_until=until)
        row = RefusedTry.objects.create(account=account, place=place, at=timezone.now())
    return Try(email, address, row=row.pk)


def give_back(tried: Try) -> None:
    """It was right after all."""
    if tried.row is not None:
        RefusedTry.objects.filter(pk=tried.row).delete()


def locked_until(*, email: str, address: str) -> dt.datetime | None:
    """Until when this account is locked for this address, or None."""
    return _locked_until(_account(email), _place(email, address))


def welcome(*, user: User, address: str) -> None:
    """Someone signed in wholly: tries from there are forgotten, and the network is known."""
    place = _place(user.email, address)
    RefusedTry.objects.filter(account=_account(user.email), place=place).delete()
    KnownNetwork.objects.update_or_create(
        user=user, place=place, defaults={"used_at": timezone.now()}
    )


def forget(email: str) -> int:
    """Forget every refused try with this address. Returns how many there were."""
    return RefusedTry.objects.filter(account=_account(email)).delete()[0]


def _locked_until(account: bytes, place: bytes) -> dt.datetime | None:
    now = timezone.now()
    tries = list(
        RefusedTry.objects.filter(account=account, at__gt=now - REMEMBERED)
        .order_by("-at")
        .values_list("place", "at")
    )
    here = _end([at for where, at in tries if bytes(where) == place], PLACE_LIMIT, COOL_OFF)
    anywhere = _end([at for _, at in tries], ACCOUNT_LIMIT, _ACCOUNT_WINDOW)
    if anywhere and anywhere > now and _is_known(place, now):
        anywhere = None
    until = max((end for end in (here, anywhere) if end), default=now)
    return until if until > now else None


def _end(times: list[dt.datetime], limit: int, window: dt.timedelta) -> dt.datetime | None:
    """When the lock ends that the newest of these tries began, or None. Times: newest first."""
    if len(times) < limit or times[0] - times[limit - 1] > window:
        return None
    return times[0] + COOL_OFF


def _is_known(place: bytes, now: dt.datetime) -> bool:
    return KnownNetwork.objects.filter(place=place, used_at__gt=now - KNOWN_FOR).exists()


def _account(email: str) -> bytes:
    return _digest(email.strip().lower())


def _place(email: str, address: str) -> bytes:
    return _digest(f"{email.strip().lower()}\n{network_of(address)}")


def _digest(text: str) -> bytes:
    """Keyed by SECRET_KEY, which may be changed at any time: the counts then begin anew."""
    return salted_hmac("accounts.lockouts", text, algorithm="sha256").digest()
