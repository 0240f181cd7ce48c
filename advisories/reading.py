"""A version of a country's page, put together for one reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language, get_language_info, override
from django.utils.translation import gettext as _

from accounts.models import Post
from advisories.checklist import BEFORE_LEAVING
from advisories.enums import Level, NumberKind
from advisories.models import Advice, AdviceText
from geography.countries import country_name

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The order of the page; what the traveller must know first stands in the summary above them.
SECTIONS: tuple[str, ...] = ("safety", "entry", "health", "laws")


@dataclass(frozen=True, slots=True)
class Words:
    """One text, and the language it is really in."""

    text: AdviceText
    language: str
    direction: str
    language_name: str
    is_wanted_language: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """The local numbers of one kind, as they are dialled."""

    label: str | StrPromise
    numbers: list[str]


def page_language() -> str:
    """The active language as the portal's setting names it: `es`, not `es-mx`."""
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


def direction_of(language: str) -> str:
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def local_name(language: str) -> str:
    """The language's name in itself, as the portal's setting writes it."""
    return str(dict(settings.LANGUAGES)[language])


def words_for(texts: Iterable[AdviceText], language: str) -> Words | None:
    """The text in this language, else in the State's, else in the first that was written."""
    written = {text.language: text for text in texts}
    order = [language, settings.LANGUAGE_CODE, *(code for code, _name in settings.LANGUAGES)]
    found = next((written[code] for code in order if code in written), None)
    if found is None:
        return None
    return Words(
        text=found,
        language=found.language,
        direction=direction_of(found.language),
        language_name=local_name(found.language),
        is_wanted_language=found.language == language,
    )


def section_title(name: str) -> str:
    titles = {
        "summary": _("In short"),
        "changed": _("What has changed"),
        "safety": _("Safety"),
        "entry": _("Entry and leaving"),
        "health": _("Health"),
        "laws": _("Laws and customs"),
        "before_leaving": _("Before you leave"),
    }
    return titles[name]


def sections_of(words: Words) -> list[tuple[str, str, str]]:
    """(name, title, words) of every section that has any, titled in the language of its words."""
    with override(words.language):
        return [
            (name, section_title(name), getattr(words.text, name))
            for name in ("changed", *SECTIONS)
            if getattr(words.text, name)
        ]


def numbers_of(advice: Advice) -> list[Numbers]:
    """Local emergency numbers by kind, in the order of the page."""
    order = {kind: place for place, kind in enumerate(NumberKind.values)}
    rows = sorted(advice.numbers.all(), key=lambda row: (order[row.kind], row.position))
    return [
        Numbers(NumberKind(kind).label, [row.number for row in group])
        for kind, group in groupby(rows, key=attrgetter("kind"))
    ]


def page_context(advice: Advice | None, country: str) -> dict[str, Any]:
    """What `advisories/page.html` shows of a version in the active language; of none, the post."""
    words = words_for(advice.texts.all(), page_language()) if advice else None
    posts = posts_for(country)
    return {
        "advice": advice,
        "country": country,
        "name": country_name(country),
        "level": Level(advice.level) if advice else None,
        "words": words,
        "sections": sections_of(words) if words else [],
        "own_checklist": words.text.own_checklist if words else [],
        "checklist": BEFORE_LEAVING,
        "numbers": numbers_of(advice) if advice else [],
        "posts": posts,
        # Where no post answers for the country, any of them will.
        "any_posts": [] if posts else list(Post.objects.order_by("name", "pk")),
    }


def posts_for(country: str) -> list[Post]:
    """The posts that answer for a country, those that stand in it first."""
    return sorted(Post.objects.for_countries([country]), key=lambda post: post.country != country)
