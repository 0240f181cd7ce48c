"""The whole proof: tables first, then the files beneath them, and what was not looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from audit.privileges import owner_alias
from registrations.proof import pages
from registrations.proof.needles import Needles
from registrations.proof.tables import (
    Found,
    Table,
    held_by_others,
    search_sessions,
    search_tables,
    tables,
)

NOT_SEARCHED = (
    "backups and copies of the database",
    "the write-ahead log, until it is overwritten",
    "space of the disk that deleted files have left",
    "what the mail and SMS providers, and those who were written to, keep",
)


@dataclass(slots=True)
class Proof:
    """What was looked at, what was found, and what this role could not look at."""

    found: list[Found] = field(default_factory=list)
    shared: int = 0
    tables: int = 0
    columns: int = 0
    indexes: int = 0
    files: int = 0
    bytes: int = 0
    refused: list[str] = field(default_factory=list)


class Progress:
    """Told how far the proof is; `open` begins a part of so many steps, `advance` moves on."""

    def open(self, title: str, total: int) -> None: ...

    def advance(self, steps: int) -> None: ...


def prove(
    needles: Needles, *, gone: frozenset[UUID], progress: Progress, rewrite: bool = False
) -> Proof:
    """Look for these in the whole database. Must not run within a transaction.

    `gone` are the people who are erased. With `rewrite`, tables whose files still hold bytes of
    deleted rows are written anew (each is locked meanwhile) and looked at again.
    """
    using = owner_alias()
    proof = Proof()
    shared = held_by_others(needles, gone=gone)
    proof.shared = len(shared)
    wanted = needles.without(shared)
    _in_tables(wanted, proof, using, progress)
    _in_files(wanted, proof, using, progress, rewrite)
    return proof


def _in_tables(needles: Needles, proof: Proof, using: str, progress: Progress) -> None:
    every = tables(using)
    proof.tables = len(every)
    proof.columns = sum(len(table.columns) for table in every)
    progress.open("tables", len(every))
    proof.found += search_tables(needles, using=using, advance=_one(progress))
    proof.found += search_sessions(needles)


def _in_files(
    needles: Needles, proof: Proof, using: str, progress: Progress, rewrite: bool
) -> None:
    proof.refused += pages.sweep(using)
    every = pages.files(using)
    progress.open("files", sum(file.size for file in every))
    try:
        found, dirty = pages.search_files(
            needles, using=using, found=every, advance=progress.advance
        )
        if dirty and rewrite:
            pages.write_anew(using, dirty)
            again = [file for file in pages.files(using) if file.table in dirty]
            progress.open("files written anew", sum(file.size for file in again))
            found, _dirty = pages.search_files(
                needles, using=using, found=again, advance=progress.advance
            )
    except pages.Unreadable as error:
        proof.refused.append(f"{error} Tables only were looked at, not the files beneath them.")
        return
    proof.found += found
    proof.files = len(every)
    proof.indexes = sum(file.is_index for file in every)
    proof.bytes = sum(file.size for file in every)


def _one(progress: Progress) -> Callable[[Table], None]:
    return lambda _table: progress.advance(1)
