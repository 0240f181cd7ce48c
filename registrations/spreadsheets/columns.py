"""The columns of a list: the fields of the forms, under headings in each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from geography.folding import fold


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is the field of the form that cleans the cells; `about` explains it to people."""

    key: str
    heading: Promise
    about: Promise


COLUMNS: Sequence[Column] = (
    Column("name", _("Full name"), _("As it stands in the passport, in any script. Needed.")),
    Column(
        "mail",
        _("Email address"),
        _("The person's own. We write to it once, so that they decide for themselves."),
    ),
    Column(
        "mobile",
        _("Mobile number"),
        _("With + and the country code, for example +34 600 123 456."),
    ),
    Column(
        "language",
        _("Language"),
        _("The language to write to them in. Empty: the group's language."),
    ),
    Column("birth_date", _("Date of birth"), _("Day, month and year: 31/3/2009 or 2009-03-31.")),
    Column(
        "document_number",
        _("Passport or identity card number"),
        _("Letters and digits. Only if you may pass it on."),
    ),
    Column(
        "place",
        _("Town or city"),
        _("Only if this person does not make the group's journey: leave all four empty otherwise."),
    ),
    Column("country", _("Country"), _("Its name, or its code of two letters.")),
    Column("starts_on", _("First day"), _("Day, month and year: 31/3/2027 or 2027-03-31.")),
    Column("ends_on", _("Last day"), _("Day, month and year: 31/3/2027 or 2027-03-31.")),
    Column(
        "exact_address",
        _("Address or name of the lodging"),
        _("Kept encrypted, and read only when the person needs help."),
    ),
)
# What a list that comes back says of each of its rows. Read again, it is passed over.
WRONG = Column("wrong", _("What is wrong"), _("Correct the row, then upload the list again."))

_BY_KEY = {column.key: column for column in (*COLUMNS, WRONG)}


def heading_of(key: str) -> str:
    """In the active language."""
    return str(_BY_KEY[key].heading)


def key_of(heading: str) -> str | None:
    """The column that a heading names in any language of the portal, however it is written."""
    return _headings().get(fold(heading))


@lru_cache(maxsize=1)
def _headings() -> dict[str, str]:
    known: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for column in _BY_KEY.values():
                known.setdefault(fold(str(column.heading)), column.key)
    return known
