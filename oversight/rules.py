"""Who may do what in oversight, beyond reading the ledger (accounts.rules.READ_LEDGER)."""

from __future__ import annotations

import rules

from accounts.enums import Role
from accounts.models import User
from accounts.rules import is_coordinator, is_operator

DOWNLOAD_LEDGER = "oversight.download_ledger"
HANDLE_ALARM = "oversight.handle_alarm"
WATCH_SENDING = "oversight.watch_sending"


@rules.predicate
def is_auditor(user: object) -> bool:
    return isinstance(user, User) and user.is_active and user.role == Role.AUDITOR


@rules.predicate
def is_data_protection_officer(user: object) -> bool:
    return isinstance(user, User) and user.is_active and user.role == Role.DATA_PROTECTION_OFFICER


rules.add_perm(DOWNLOAD_LEDGER, is_auditor)
rules.add_perm(HANDLE_ALARM, is_data_protection_officer)
# Coordinators send the notices that may be stuck; neither sees anybody by it.
rules.add_perm(WATCH_SENDING, is_operator | is_coordinator)
