"""Shows a proof while it is made, and tells its outcome in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from tqdm import tqdm

from registrations.proof.proving import NOT_SEARCHED, Progress, Proof


class Bars(Progress):
    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._bar: tqdm[None] | None = None

    def open(self, title: str, total: int) -> None:
        self.close()
        self._bar = tqdm(
            total=total, desc=title, unit_scale=True, disable=self._silent, leave=False
        )

    def advance(self, steps: int) -> None:
        if self._bar is not None:
            self._bar.update(steps)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def bars(*, silent: bool) -> Iterator[Bars]:
    shown = Bars(silent=silent)
    try:
        yield shown
    finally:
        shown.close()


def tell(proof: Proof, *, say: Callable[[str], object], warn: Callable[[str], object]) -> None:
    """Say what was looked at. Raises CommandError with what was found, if anything was."""
    say(
        f"Looked at {proof.tables} tables with {proof.columns} columns that could hold anything, "
        f"and at the sessions."
    )
    if proof.files:
        say(
            f"Looked at {proof.files} files of tables and indexes ({proof.indexes} indexes, "
            f"{proof.bytes:,} bytes)."
        )
    for refusal in proof.refused:
        warn(f"NOT PROVED IN FULL: {refusal}")
    if proof.shared:
        say(
            f"{proof.shared} addresses or names are also in registrations, or groups, of other "
            "people: those are theirs, and were left out."
        )
    say(f"Not looked at: {'; '.join(NOT_SEARCHED)}.")
    if not proof.found:
        say("Nothing of this person was found.")
        return
    places = "\n  ".join(str(one) for one in proof.found)
    hint = (
        "\nFiles may hold bytes of rows that are deleted: --rewrite writes those tables anew "
        "(each is locked meanwhile)."
        if any(one.column == "(file)" for one in proof.found)
        else ""
    )
    raise CommandError(f"Something of this person is left:\n  {places}{hint}")
