"""The six digits that prove an address: derived from the challenge, and never stored."""

from __future__ import annotations

import hmac
import unicodedata
from uuid import UUID

from privacy.tokens import keyed_digest

CODE_LENGTH = 6
TRIES = 5


def code_of(challenge_id: UUID) -> str:
    digest = keyed_digest("registrations.code", challenge_id.bytes)
    return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_LENGTH:0{CODE_LENGTH}d}"


def read_code(typed: str) -> str | None:
    """The six digits of what was typed, in any script's digits; None when there are not six."""
    digits = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in typed
        if letter.isalnum()
    )
    return digits if len(digits) == CODE_LENGTH and digits.isdigit() else None


def is_code_of(challenge_id: UUID, code: str) -> bool:
    return hmac.compare_digest(code_of(challenge_id).encode(), code.encode())
