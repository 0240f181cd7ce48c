"""Fails when a catalogue no longer matches the source, or a language is not complete."""

from __future__ import annotations

import gettext
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from micic_portal.catalogues import read_catalogue

LANGUAGES = ("es", "fr", "ar", "en")
COMPLETE = {"es", "fr", "ar"}  # English is the source
_NOT_SOURCE = (".venv", ".git", "var", "node_modules", "tests", "benchmarks", "data", "vendor")
_SHOWN = 10


class Command(BaseCommand):
    help = "Compare the catalogues with the source's strings, and the compiled ones with them."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not shutil.which("xgettext"):
            raise CommandError("gettext is missing. On Debian: apt-get install gettext")
        with tempfile.TemporaryDirectory(prefix="micic-messages-") as folder:
            fresh = _collect(settings.BASE_DIR, Path(folder) / "source")
            found = [line for code in LANGUAGES for line in _problems(code, fresh, Path(folder))]
        if found:
            raise CommandError("\n".join([*found, "`make messages` brings them up to date."]))
        self.stdout.write(f"The catalogues match the source: {', '.join(LANGUAGES)}.")


def _collect(project: Path, copy: Path) -> Path:
    """Collect the source's strings into a copy's catalogues, and return their folder."""
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(*_NOT_SOURCE))
    (copy / "locale").mkdir(exist_ok=True)
    command = [sys.executable, "manage.py", "makemessages", "--no-location", "--no-wrap"]
    for code in LANGUAGES:
        command += ["-l", code]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "micic_portal.settings"}
    done = subprocess.run(  # noqa: S603  # our own command line
        command, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CommandError(f"The strings could not be collected:\n{done.stderr}")
    return copy / "locale"


def _problems(code: str, fresh_locale: Path, scratch: Path) -> Iterator[str]:
    place = Path(code, "LC_MESSAGES", "django.po")
    committed_file = settings.LOCALE_PATHS[0] / place
    if not committed_file.exists():
        yield f"{code}: there is no catalogue."
        return
    committed, fresh = read_catalogue(committed_file), read_catalogue(fresh_locale / place)
    yield from _listed(f"{code}: not in the catalogue", fresh.keys() - committed.keys())
    yield from _listed(f"{code}: no longer in the source", committed.keys() - fresh.keys())
    if code in COMPLETE:
        open_ones = {key for key, message in committed.items() if not message.is_translated}
        yield from _listed(f"{code}: not translated", open_ones & fresh.keys())
    yield from _compiled_problems(code, committed_file, scratch / f"{code}.mo")


def _compiled_problems(code: str, catalogue: Path, compiled: Path) -> Iterator[str]:
    done = subprocess.run(  # noqa: S603  # our own files
        ["msgfmt", "--check-format", "-o", str(compiled), str(catalogue)],  # noqa: S607
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        yield f"{code}: {done.stderr.strip()}"
        return
    committed = catalogue.with_suffix(".mo")
    if not committed.exists() or _entries(committed) != _entries(compiled):
        yield f"{code}: the compiled catalogue is not the one that {catalogue.name} makes."


def _entries(compiled: Path) -> dict[Any, str]:
    with compiled.open("rb") as file:
        catalogue: dict[Any, str] = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    catalogue.pop("", None)  # the header holds the date
    return catalogue


def _listed(title: str, keys: set[tuple[str, str]]) -> Iterator[str]:
    if keys:
        shown = [repr(text) for _, text in sorted(keys)[:_SHOWN]]
        rest = len(keys) - len(shown)
        yield f"{title} ({len(keys)}): " + ", ".join(shown) + (f" and {rest} more" if rest else "")
