"""How a wish for no more notices of one crisis is done again in a restored database."""

from __future__ import annotations

from audit.actors import Actor
from audit.journal import bind_replayer
from audit.journal.replayers import Replayed
from crises import actions
from crises.models import Crisis

_BY = Actor.system("journal")


def bind_replayers() -> None:
    bind_replayer("crisis.stopped", _stop)
    bind_replayer("crisis.resumed", _resume)


def _stop(line: Replayed) -> bool:
    crisis = Crisis.objects.filter(pk=line.row).first()
    if crisis is None:
        return False
    return actions.stop_for_person(crisis=crisis, person_id=line.person, by=_BY)


def _resume(line: Replayed) -> bool:
    crisis = Crisis.objects.filter(pk=line.row).first()
    if crisis is None:
        return False
    return actions.undo_stop(crisis=crisis, person_id=line.person, by=_BY)
