"""Names as the same person may write them twice: folded words, whatever their order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Self

from geography.folding import fold

# Words between names that some write and others leave out.
# fmt: off
_PARTICLES = frozenset({
    "al", "bin", "bint", "d", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos",
    "du", "e", "el", "i", "la", "las", "le", "los", "ten", "ter", "the", "van", "vom", "von", "y",
    "zu",
})
# fmt: on
# A longer name is compared by its first words only: fifteen pairs at most.
_WORDS = 6


@dataclass(frozen=True, slots=True)
class NameWords:
    """The words of one name, in the order written, without case, accents and particles.

    Nothing is transliterated: a name in Arabic letters and the same in Latin ones differ.
    """

    words: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Self:
        # "Pérez Gómez, Ana" is how lists are written.
        family, comma, given = name.partition(",")
        words = fold(f"{given} {family}" if comma else name).split()
        telling = [word for word in words if word not in _PARTICLES and not _is_initial(word)]
        # What is left out must leave a name: "Al de la O" keeps its words.
        kept = telling if len(telling) >= 2 else words
        return cls(tuple(dict.fromkeys(kept)))

    @property
    def first(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def together(self) -> str:
        """All words in one order; empty unless there are two at least: one name is everybody's."""
        return " ".join(sorted(self.words)) if len(self.words) >= 2 else ""

    @property
    def pairs(self) -> list[str]:
        """Every two of its words, so that a name with one family name meets the one with two."""
        return [" ".join(pair) for pair in combinations(sorted(self.words[:_WORDS]), 2)]


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word.isalpha()


def normal_document(number: str) -> str:
    """A document number without the signs and spaces people put in it; empty if it is too short.

    Numbers of fewer than five signs are typing mistakes, and too easily shared.
    """
    plain = fold(number).replace(" ", "").upper()
    return plain if len(plain) >= 5 else ""
