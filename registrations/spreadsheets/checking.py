"""Checks the rows of a list with the forms of a registration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from geography.countries import country_choices, country_name, is_country
from geography.folding import fold
from registrations.answers import ContactAnswer, StayAnswer, stay_from_json
from registrations.enums import StayKind
from registrations.forms.listed import KnownPlaces, ListedPersonForm, ListedStayForm
from registrations.models import Group
from registrations.spreadsheets.cells import is_formula, unescape

_PERSON = ("name", "mail", "mobile", "language", "birth_date", "document_number")
_STAY = ("place", "country", "starts_on", "ends_on", "exact_address")
# Beside which column the problem of a field stands that no column has.
_BESIDE = {"place_id": "place", "around": "place", "kind": "place", "ship": "place"}


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A row that is right."""

    name: str
    language: str
    contacts: tuple[ContactAnswer, ...]
    stays: tuple[StayAnswer, ...]
    document_number: str
    birth_date: dt.date | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row, by the key of its column, in the active language."""

    row: int
    column: str
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "message": self.message}


class RowChecker:
    """Checks the rows of one group's list. It remembers the places that it looked up."""

    def __init__(self, group: Group) -> None:
        self.language = group.language
        self.journey = tuple(stay_from_json(item) for item in group.stays)
        self.known: KnownPlaces = {}

    def check(self, number: int, cells: Mapping[str, str]) -> ListedPerson | list[Problem]:
        """The person of a row, or what is wrong with it."""
        formulas = [key for key, cell in cells.items() if is_formula(cell)]
        if formulas:
            message = _("This is a formula. Write the value itself.")
            return [Problem(number, key, message) for key in formulas]
        given = {key: unescape(cell) for key, cell in cells.items()}
        who = ListedPersonForm(self._person(given))
        where = self._where(given)
        problems = _problems(number, who)
        if where is not None:
            problems += _problems(number, where)
        if problems:
            return problems
        cleaned = who.cleaned_data
        return ListedPerson(
            name=cleaned["name"],
            language=cleaned["language"],
            contacts=tuple(who.contacts),
            stays=self.journey if where is None else (where.answer,),
            document_number=cleaned["document_number"],
            birth_date=cleaned["birth_date"],
        )

    def _person(self, given: Mapping[str, str]) -> dict[str, str]:
        data = {key: given.get(key, "") for key in _PERSON}
        data["language"] = _language(data["language"]) or self.language
        return data

    def _where(self, given: Mapping[str, str]) -> ListedStayForm | None:
        """The form of a stay of their own; None where the group's journey is theirs.

        What the row leaves unsaid, a ship or whether they live there, is as on that journey.
        """
        data = {key: given.get(key, "") for key in _STAY}
        if not any(data.values()):
            return None
        first = self.journey[0] if self.journey else None
        kind = StayKind(first.kind) if first else StayKind.TRIP
        company = first.aboard_or_with if first else ""
        data |= {
            "kind": kind.value,
            "country": _country(data["country"]),
            "ship": company if kind == StayKind.VOYAGE else "",
        }
        return ListedStayForm(data, known=self.known)


def _problems(number: int, form: forms.Form) -> list[Problem]:
    return [
        Problem(number, _BESIDE.get(name, name), " ".join(str(line) for line in lines))
        for name, lines in form.errors.items()
    ]


def _language(text: str) -> str:
    """A language's code for its code or its name in any language of the portal."""
    return _languages().get(fold(text), text)


def _country(text: str) -> str:
    """A country's code for its code or its name in any language of the portal."""
    code = text.upper()
    return code if is_country(code) else _countries().get(fold(text), text)


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    known: dict[str, str] = {}
    for code, own_name in settings.LANGUAGES:
        known |= {fold(code): code, fold(str(own_name)): code}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for code, _own_name in settings.LANGUAGES:
                known[fold(str(get_language_info(code)["name_translated"]))] = code
    return known


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for code, _label in country_choices():
        for language, _name in settings.LANGUAGES:
            known.setdefault(fold(country_name(code, language)), code)
    known.pop("", None)
    return known
