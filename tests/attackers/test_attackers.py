"""Somebody with the database, a curious officer, a reader of logs, and a seeker of the erased."""

from __future__ import annotations

import pytest

from tests.attackers.loot import Loot
from tests.attackers.raid import raid

ATTACKERS = 4


@pytest.fixture(scope="module")
def loots(tmp_path_factory: pytest.TempPathFactory) -> list[Loot]:
    return raid(tmp_path_factory.mktemp("raid") / "var")


@pytest.mark.parametrize("number", range(ATTACKERS))
def test_each_comes_back_empty(loots: list[Loot], number: int) -> None:
    assert len(loots) == ATTACKERS
    loot = loots[number]
    assert loot.tries
    assert loot.is_empty, "\n".join(loot.lines())
