"""Writes the words of each consent text, in each language, into the file that keeps them."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from registrations.consent_texts import words
from registrations.consent_texts.register import REGISTER


class Command(BaseCommand):
    help = (
        "Keeps what people agree to in the words they are shown. Adds versions and languages that "
        "are missing; what was published stays, unless --replace names a version that nobody has "
        "been shown yet."
    )

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--replace", metavar="VERSION", default="", help="a version that is not in use yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        published = json.loads(json.dumps(words.read_published()))
        added = 0
        for subject, texts in REGISTER.items():
            for text in texts:
                kept = published.setdefault(subject, {}).setdefault(text.version, {})
                for language, _name in settings.LANGUAGES:
                    found = words.translated_whole(text, language)
                    if found is None or kept.get(language) == found:
                        continue
                    if language not in kept or text.version == options["replace"]:
                        kept[language] = found
                        added += 1
        content = json.dumps(published, ensure_ascii=False, indent=1, sort_keys=True)
        words.PUBLISHED.write_text(content + "\n", encoding="utf-8")
        words.read_published.cache_clear()
        self.stdout.write(f"{added} texts written to {words.PUBLISHED.name}.")
