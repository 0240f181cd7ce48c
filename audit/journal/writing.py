"""Writes an erasure or a withdrawal into the outbox, in the transaction that does it."""

from __future__ import annotations

import re
from itertools import islice
from uuid import UUID

from django.db import connections, router, transaction

from audit.journal.models import JournalEntry
from audit.journal.replayers import is_replaying
from audit.journal.shipping import ship_soon

_CODE = re.compile(r"[a-z0-9_.-]{0,64}")
# Enough to find the hook that was set before; erasing thousands at once sets it a few times.
_RECENT_HOOKS = 8


def journal(
    kind: str,
    *,
    person_id: UUID | None = None,
    model: str = "",
    row_id: UUID | None = None,
    code: str = "",
) -> None:
    """Note what must be done again should an earlier backup be restored.

    `kind` is bound by `bind_replayer`; `model` is a label such as registrations.stay. The row
    goes into the journal's file once the caller's transaction is committed, and waits while the
    file cannot be written.
    """
    if is_replaying():
        return
    if not _CODE.fullmatch(code):
        raise ValueError("The journal holds codes and identifiers only.")
    using = router.db_for_write(JournalEntry)
    connection = connections[using]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Journal an erasure in the transaction that erases."
        )
    JournalEntry.objects.create(
        kind=kind, person_id=person_id, model=model, row_id=row_id, code=code
    )
    recent = islice(reversed(connection.run_on_commit), _RECENT_HOOKS)
    if not any(hook[1] is ship_soon for hook in recent):
        transaction.on_commit(ship_soon, using=using)
