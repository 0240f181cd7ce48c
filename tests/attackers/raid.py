"""All four, one after the other, on a portal with keys of its own."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

from tests.attackers.loot import Loot, Target
from tests.attackers.officer import pry
from tests.attackers.reader import read
from tests.attackers.survivor import seek
from tests.attackers.thief import steal
from tests.leaks.canaries import Canaries
from tests.leaks.journey import Journey
from tests.portal import running_portal

_THIEF = "thief"


def raid(folder: Path, say: Callable[[Loot], None] = lambda loot: None) -> list[Loot]:
    """What each brought. `say` is told of each attacker as they come back."""
    seed = secrets.token_hex(16)
    loots: list[Loot] = []

    def back(loot: Loot) -> None:
        loots.append(loot)
        say(loot)

    with running_portal(folder, people=60, **_keys()) as portal:
        planted = portal.call("tests.leaks.planting:plant", seed)
        portal.call("tests.leaks.planting:plant_person", f"{seed}{_THIEF}")
        journey = Journey(portal, seed)
        link = journey.answer()
        assert journey.answer_while_broken(link) == 500
        target = Target(portal, seed, planted["person"], planted["crisis"], link)
        back(steal(target, Canaries(f"{seed}{_THIEF}").mail("own")))
        back(pry(target))
        back(read(target))
        back(seek(target, planted["reference"]))
    return loots


def _keys() -> dict[str, str]:
    """The demo's keys are known to everybody."""
    names = ("SECRET_KEY", "LINK_KEY", "BLIND_INDEX_KEY")
    field_key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {name: secrets.token_hex(32) for name in names} | {"FIELD_KEYS": f"1:{field_key}"}
