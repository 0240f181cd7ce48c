"""What the officer who publishes looks at: the page in each language, and what is new in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from advisories.content import TEXT_FIELDS
from advisories.differences import compare, replaced
from advisories.enums import Level
from advisories.models import Advice, AdviceText
from advisories.reading import (
    direction_of,
    local_name,
    numbers_of,
    page_context,
    page_language,
    section_title,
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new in one language; `language` is empty for what is the same in all."""

    language: str
    direction: str
    title: str
    rows: list[dict[str, Any]]
    note: str = ""


def previews_of(advice: Advice) -> list[dict[str, str | bool | SafeString]]:
    """The page as a traveller will see it, in each language; the officer's own stands open."""
    own = page_language()
    previews: list[dict[str, str | bool | SafeString]] = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            previews.append(
                {
                    "language": language,
                    "direction": direction_of(language),
                    "name": local_name(language),
                    "is_open": language == own,
                    "html": render_to_string(
                        "advisories/page.html", page_context(advice, advice.country)
                    ),
                }
            )
    return previews


def changes_between(before: Advice | None, after: Advice) -> list[Changes]:
    """What the draft changes, facts first, then each language that either has."""
    old = {text.language: text for text in before.texts.all()} if before else {}
    new = {text.language: text for text in after.texts.all()}
    return [
        Changes("", "", _("In every language"), _facts(before, after)),
        *(
            _language_changes(language, old.get(language), new.get(language), before is not None)
            for language, _name in settings.LANGUAGES
            if language in old or language in new
        ),
    ]


def _facts(before: Advice | None, after: Advice) -> list[dict[str, Any]]:
    pairs = [
        (_("Level"), _level(before) if before else "", _level(after)),
        (_("Emergency numbers"), _numbers(before) if before else "", _numbers(after)),
    ]
    return [
        {"label": label, "pieces": replaced(old, new)} for label, old, new in pairs if old != new
    ]


def _level(advice: Advice) -> str:
    return f"{advice.level} · {Level(advice.level).label}"


def _numbers(advice: Advice) -> str:
    return "; ".join(f"{row.label}: {', '.join(row.numbers)}" for row in numbers_of(advice))


def _language_changes(
    language: str, old: AdviceText | None, new: AdviceText | None, has_before: bool
) -> Changes:
    rows = []
    for name in TEXT_FIELDS:
        was, is_now = getattr(old, name, ""), getattr(new, name, "")
        if was != is_now:
            rows.append({"label": section_title(name), "pieces": compare(was, is_now)})
    note = ""
    if new is None:
        note = _("This language was left empty: its readers get another one.")
    elif has_before and not rows:
        note = _("Nothing is new in this language. Does it still say the same as the others?")
    return Changes(
        language=language,
        direction=direction_of(language),
        title=local_name(language),
        rows=rows,
        note=note,
    )
