"""Walks the chain from its first link and says where it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit.models import Entry, Seal, SealedEntry, UnsealedEntry
from audit.sealing import GENESIS, chain_digest, entry_digests

# The sealer runs every minute; an entry without a seal for this long has been kept from it.
SEALED_WITHIN = timedelta(minutes=15)
_PAGE = 500


def breaks(progress: Callable[[int], None] | None = None) -> Iterator[str]:
    """Each break in the chain, one sentence each, first link first. Empty when it is whole."""
    reached = Reached()
    while seals := seals_after(reached.position):
        for seal in seals:
            yield from next_breaks(reached, seal)
            if progress is not None:
                progress(seal.entries)
    yield from never_sealed()


@dataclass(slots=True)
class Reached:
    """The link up to which the chain was walked; before the first there is none."""

    position: int = 0
    digest: bytes = GENESIS

    def is_still_there(self) -> bool:
        """Whether that link is what it was."""
        if self.position == 0:
            return True
        return Seal.objects.filter(position=self.position, digest=self.digest).exists()


def next_breaks(reached: Reached, seal: Seal) -> Iterator[str]:
    """What is wrong with a link and with its tie to the one before; moves on to it."""
    expected = reached.position + 1
    if seal.position != expected:
        yield f"seals {expected} to {seal.position - 1} are missing"
    elif bytes(seal.previous) != reached.digest:
        yield f"seal {seal.position} does not follow seal {reached.position}"
    yield from _seal_breaks(seal)
    reached.position, reached.digest = seal.position, bytes(seal.digest)


def head() -> tuple[int, str]:
    """Position and digest of the newest seal; write it down elsewhere to notice a cut-off end."""
    last = Seal.objects.order_by("-position").first()
    return (0, GENESIS.hex()) if last is None else (last.position, bytes(last.digest).hex())


def is_in_chain(digest: str) -> bool:
    """Whether a digest that was written down earlier is still a link of the chain."""
    return Seal.objects.filter(digest=bytes.fromhex(digest)).exists()


def seals_after(position: int) -> list[Seal]:
    """The next links. By key instead of one long cursor, which a transaction pooler would not
    keep."""
    return list(Seal.objects.filter(position__gt=position).order_by("position")[:_PAGE])


def _seal_breaks(seal: Seal) -> Iterator[str]:
    members: dict[UUID, bytes] = {
        entry_id: bytes(digest)
        for entry_id, digest in seal.members.values_list("entry_id", "digest")
    }
    if len(members) != seal.entries:
        yield f"seal {seal.position} covers {seal.entries} entries, but {len(members)} are left"
    if chain_digest(seal.position, bytes(seal.previous), members) != bytes(seal.digest):
        yield f"seal {seal.position} is not the digest of its entries"
    now = entry_digests(list(members))
    for entry_id, digest in members.items():
        if entry_id not in now:
            yield f"entry {entry_id} of seal {seal.position} is missing"
        elif now[entry_id] != digest:
            yield f"entry {entry_id} of seal {seal.position} was altered"


def never_sealed() -> Iterator[str]:
    """Entries that are under no seal although they should be."""
    mine = {"entry_id": OuterRef("pk")}
    unsealed = Entry.objects.filter(~Exists(SealedEntry.objects.filter(**mine)))
    dropped = unsealed.filter(~Exists(UnsealedEntry.objects.filter(**mine)))
    late = unsealed.filter(
        Exists(UnsealedEntry.objects.filter(**mine)), at__lt=timezone.now() - SEALED_WITHIN
    )
    for entry_id in dropped.order_by("at").values_list("pk", flat=True):
        yield f"entry {entry_id} has no seal and waits for none"
    count = late.count()
    if count:
        yield f"{count} entries have waited for a seal for more than {SEALED_WITHIN}"
