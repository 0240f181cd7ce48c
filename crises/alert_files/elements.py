"""Words, dates and listed values out of XML elements, each problem with its element and line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _

from crises.alert_files.document import line_of, local
from crises.alert_files.errors import AlertFileError, at
from crises.alert_files.wording import clean

SENTENCE = 500
LONG_TEXT = 10_000


def name_of(element: Element) -> str:
    return local(str(element.tag))


def namespace_of(element: Element) -> str:
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def located(element: Element, problem: str) -> str:
    """The problem, led by the name of the element and its line."""
    return at(f"<{name_of(element)[:40]}>", line_of(element), problem)


def children(parent: Element, name: str) -> Iterator[Element]:
    return (element for element in parent if name_of(element) == name)


def first(parent: Element, name: str) -> Element | None:
    return next(children(parent, name), None)


def text(parent: Element, name: str, most: int = SENTENCE) -> str:
    """What the first such child says, as one line of at most `most` characters."""
    found = first(parent, name)
    return "" if found is None else clean(found.text or "", most)


def required(parent: Element, name: str) -> str:
    value = text(parent, name)
    if not value:
        where = first(parent, name)
        problem = (
            _("The element <%(name)s> is missing.")
            if where is None
            else _("The element <%(name)s> is empty.")
        )
        raise AlertFileError(located(parent if where is None else where, problem % {"name": name}))
    return value


def listed(parent: Element, name: str, allowed: Collection[str]) -> str:
    """One of the allowed words, as the standard writes it. Raises AlertFileError for any other."""
    value = required(parent, name)
    found = _as_listed(value, allowed)
    if not found:
        raise AlertFileError(
            _located_child(
                parent,
                name,
                _("It says “%(value)s”. It must be one of: %(allowed)s.")
                % {"value": value[:40], "allowed": ", ".join(allowed)},
            )
        )
    return found


def word(parent: Element, name: str, allowed: Collection[str], warnings: list[str]) -> str:
    """A word of CAP's lists; "Unknown", with a warning, for anything else."""
    value = text(parent, name)
    # CAP 1.0 and feeds of 1.1 still write it.
    found = _as_listed("Likely" if value == "Very Likely" else value, allowed)
    if found:
        return found
    if first(parent, name) is None:
        problem = _("The element <%(name)s> is missing: taken as Unknown.") % {"name": name}
        warnings.append(located(parent, problem))
    else:
        problem = _("It says “%(value)s”, which is not a word of CAP: taken as Unknown.")
        warnings.append(_located_child(parent, name, problem % {"value": value[:40]}))
    return "Unknown"


def _as_listed(value: str, allowed: Collection[str]) -> str:
    """Some feeds shout."""
    return next((each for each in allowed if each.casefold() == value.casefold()), "")


def required_date(parent: Element, name: str) -> datetime:
    value = required(parent, name)
    moment = moment_of(value)
    if moment is None:
        problem = _("It says “%(value)s”, which is not a date and time of this age.")
        raise AlertFileError(_located_child(parent, name, problem % {"value": value[:40]}))
    return moment


def date(parent: Element, name: str, warnings: list[str]) -> datetime | None:
    value = text(parent, name)
    if not value:
        return None
    moment = moment_of(value)
    if moment is None:
        problem = _("It says “%(value)s”, which is not a date. It was left out.")
        warnings.append(_located_child(parent, name, problem % {"value": value[:40]}))
    return moment


def moment_of(value: str) -> datetime | None:
    """Aware, in UTC; a time without its zone is taken as UTC. None when it is not believable."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not 1970 <= moment.year <= 2200:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _located_child(parent: Element, name: str, problem: str) -> str:
    found = first(parent, name)
    return located(parent if found is None else found, problem)
