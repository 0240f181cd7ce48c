"""Meta's error codes: who is meant by each. Its words are not kept, since they quote numbers.

Codes are documented at developers.facebook.com under "Cloud API: error codes". One that is not
named here is taken as a refusal of us: nobody is given up for what we do not understand.
"""

from __future__ import annotations

# The number is not on WhatsApp, or its owner has not taken the newest terms.
NOT_REACHABLE = 131026
# This recipient will not get it: ourselves, nobody there, in an experiment of Meta's, kept from
# too much advertising, has stopped ours, lives where we may not write.
OF_RECIPIENT = frozenset({130472, 130497, 131021, NOT_REACHABLE, 131049, 131050})
# Too many messages to this one number; others are not concerned.
TOO_MANY_TO_ONE = 131056
# Too many messages, or Meta is down: it may be taken later.
LATER = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131057, 133004})


def code_of(error: object) -> int | None:
    """The number in an error object; None where there is none."""
    found = error.get("code") if isinstance(error, dict) else None
    return found if isinstance(found, int) and 0 <= found < 10**7 else None


def short_code(code: int | None) -> str:
    return "whatsapp_failed" if code is None else f"whatsapp_{code}"
