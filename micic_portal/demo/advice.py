"""The demo's pages of advice: written by one officer, published by another, as in earnest."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from advisories import actions
from advisories.models import Advice
from advisories.tasks import announce_digest

DATA_FILE = Path(__file__).with_suffix(".toml")
_REVIEW_DAYS = 90


def ensure_demo_advice() -> None:
    """Write and publish the demo's pages and tell of them, once; the worker must be running.

    Interrupted, it goes on. Nepal has a second edition; Mexico a draft besides, urgent, which
    waits for another officer.
    """
    clara = User.objects.get(email="clara@capital.example")
    pablo = User.objects.get(email="pablo@capital.example")
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    pages = {page["country"]: page for page in data["countries"]}
    for country, page in pages.items():
        if not Advice.objects.public().for_country(country).exists():
            _write(page, data, {}, by=clara)
            actions.publish_advice(country=country, by=pablo)
    if Advice.objects.for_country("NP").count() == 1:
        _write(pages["NP"], data, data["news"]["NP"], by=clara)
        actions.publish_advice(country="NP", by=pablo)
    if Advice.objects.for_country("MX").count() == 1:
        ana = User.objects.get(email="ana@mexico.example")
        _write(pages["MX"] | {"level": 3, "is_urgent": True}, data, data["news"]["MX"], by=ana)
    # By the worker, which knows under which address this demo is reached.
    announce_digest.delay()


def _write(
    page: dict[str, Any], data: dict[str, Any], changed: dict[str, str], *, by: User
) -> None:
    actions.write_advice(
        country=page["country"],
        content=actions.AdviceContent(
            level=page["level"],
            is_urgent=page.get("is_urgent", False),
            review_on=timezone.now().date() + dt.timedelta(days=_REVIEW_DAYS),
            texts={
                language: _words(page, data, language) | {"changed": changed.get(language, "")}
                for language, _name in settings.LANGUAGES
            },
            numbers=[(kind, number) for kind, number in page["numbers"]],
        ),
        by=by,
    )


def _words(page: dict[str, Any], data: dict[str, Any], language: str) -> dict[str, str]:
    """The page's words in one language, each danger in the section it belongs to."""
    sections: dict[str, list[str]] = {}
    for name in page["dangers"]:
        danger = data["dangers"][name]
        sections.setdefault(danger["section"], []).append(danger[language])
    return {
        "summary": f"{page['summary'][language]}\n\n{data['invented'][language]}",
        "before_leaving": "\n".join(data["own_lines"][n][language] for n in page["own_lines"]),
        **{section: "\n\n".join(paragraphs) for section, paragraphs in sections.items()},
    }
