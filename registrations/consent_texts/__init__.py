"""The texts people agree to, one register for all: each purpose with its versions, oldest first."""

from registrations.consent_texts.register import (
    COMPANION,
    CRISIS_FORM,
    RELAY,
    ConsentText,
    current_text,
    field_words,
    text_of,
    versions_of,
)
from registrations.consent_texts.words import Words, words_of

__all__ = [
    "COMPANION",
    "CRISIS_FORM",
    "RELAY",
    "ConsentText",
    "Words",
    "current_text",
    "field_words",
    "text_of",
    "versions_of",
    "words_of",
]
