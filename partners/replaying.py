"""How an agency is let in no more in a restored database."""

from __future__ import annotations

from audit.actors import Actor
from audit.journal import bind_replayer
from audit.journal.replayers import Replayed
from partners.actions import deactivate_agency, replace_secret
from partners.models import Agency

_BY = Actor.system("journal")


def bind_replayers() -> None:
    bind_replayer("agency.deactivated", _deactivate)
    bind_replayer("agency.secret_replaced", _replace_secret)


def _deactivate(line: Replayed) -> bool:
    agency = Agency.objects.filter(pk=line.row, is_active=True).first()
    if agency is None:
        return False
    deactivate_agency(agency=agency, by=_BY)
    return True


def _replace_secret(line: Replayed) -> bool:
    """The old one, which may be in the wrong hands, opens nothing; the agency is given another."""
    agency = Agency.objects.filter(pk=line.row).first()
    if agency is None:
        return False
    replace_secret(agency=agency, by=_BY)
    return True
