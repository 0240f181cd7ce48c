"""The journal of erasures and withdrawals, kept outside the database and its backups.

A backup that is restored would bring back who was erased since. What stands here is done again
before the portal serves (docs/backup-and-restore.md).
"""

from audit.journal.replayers import bind_replayer
from audit.journal.writing import journal

__all__ = ["bind_replayer", "journal"]
