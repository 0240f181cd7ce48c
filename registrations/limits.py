"""How many codes may be sent: per person, address, network and block of numbers, and in a day.

Counters live in the cache in fixed windows, under keyed hashes: no address stands in Redis.
"""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from redis.exceptions import RedisError

from privacy.blind_index import blind_index
from registrations.enums import SendProblem
from registrations.validation import MailAddress, PhoneNumber

logger = logging.getLogger(__name__)
cache = ConnectionProxy(caches, "limits")  # The one that says when it cannot count.

_HOUR = 3600
_DAY = 24 * _HOUR
# Of people who share an address, one is meant: so often may a visitor say who.
GUESSES = 5


def take_send(
    contact: MailAddress | PhoneNumber, *, draft: str, network: str
) -> SendProblem | None:
    """Count one code about to be sent; return why it must not be, or None.

    The same is counted for every address, so that nothing tells which ones are registered.
    """
    allowed = settings.REGISTRATION_LIMITS
    is_sms = isinstance(contact, PhoneNumber)
    counters: list[tuple[SendProblem, str, int, int]] = [
        (SendProblem.DRAFT, draft, allowed["codes_per_draft_hour"], _HOUR),
        (SendProblem.CONTACT, contact.indexed, allowed["codes_per_contact_hour"], _HOUR),
        (SendProblem.NETWORK, network, allowed["codes_per_network_hour"], _HOUR),
    ]
    if isinstance(contact, PhoneNumber):
        counters += [
            (SendProblem.PREFIX, contact.prefix, allowed["codes_per_prefix_hour"], _HOUR),
            (SendProblem.BUDGET, "all", allowed["sms_codes_per_day"], _DAY),
        ]
    try:
        for problem, key, limit, seconds in counters:
            if _count(problem.value, key, seconds) > limit:
                return problem
    except (RedisError, OSError) as error:
        # Mail costs nothing; without a counter, text messages could cost without end.
        logger.warning("The counters of codes cannot be read: %s", type(error).__name__)
        return SendProblem.BUDGET if is_sms else None
    return None


def take_guess(draft: str) -> bool:
    """Count one answer to who is meant; False once five were given, or when nobody can count."""
    digest = blind_index("registrations.limit", f"guess:{draft}").hex()[:32]
    counter = f"codes:guess:{digest}"
    try:
        # As long as a draft lives: unlike codes, guesses never begin anew with the hour.
        cache.add(counter, 0, timeout=4 * _DAY)
        return int(cache.incr(counter)) <= GUESSES
    except (RedisError, OSError, ValueError) as error:
        logger.warning("The counter of answers cannot be read: %s", type(error).__name__)
        return False


def take_turn(name: str, key: str, *, limit: int, seconds: int = _HOUR) -> bool:
    """Count one act of that name; False once `limit` were done in the window. Uncounted, it may."""
    try:
        return _count(name, key, seconds) <= limit
    except (RedisError, OSError) as error:
        logger.warning("The counters cannot be read: %s", type(error).__name__)
        return True


def forget_turns(name: str, key: str) -> None:
    """Forget how often an act of that name was done, in the longest window there is."""
    window = int(time.time()) // _DAY
    digest = blind_index("registrations.limit", f"{name}:{key}").hex()[:32]
    try:
        cache.delete(f"codes:{name}:{digest}:{window}")
    except (RedisError, OSError) as error:
        logger.warning("The counters cannot be emptied: %s", type(error).__name__)


def _count(name: str, key: str, seconds: int) -> int:
    window = int(time.time()) // seconds
    digest = blind_index("registrations.limit", f"{name}:{key}").hex()[:32]
    counter = f"codes:{name}:{digest}:{window}"
    if cache.add(counter, 1, timeout=seconds + 60):
        return 1
    try:
        return int(cache.incr(counter))
    except ValueError:  # Emptied between the two: counting starts anew.
        cache.set(counter, 1, timeout=seconds + 60)
        return 1
