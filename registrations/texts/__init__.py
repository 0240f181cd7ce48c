"""The texts that registrations sends, each in the language of whoever reads it."""

from registrations.texts.codes import verification_text
from registrations.texts.contacts import replaced_texts
from registrations.texts.family import listed_texts
from registrations.texts.invitations import invitation_texts
from registrations.texts.reminders import ending_texts, yearly_texts

__all__ = [
    "ending_texts",
    "invitation_texts",
    "listed_texts",
    "replaced_texts",
    "verification_text",
    "yearly_texts",
]
