"""The first line inside a backup: what it is, how far the journal was, which keys sealed it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from audit.journal.models import JournalHead
from privacy.declarations import our_models
from privacy.fields import SealedMixin

FORMAT = "micic portal backup 1"
LIMIT = 64 * 1024  # bytes
# A sealed value begins with its format, the length of its key's id, and the id.
_KEYS = """
SELECT substring({column} FROM 3 FOR get_byte({column}, 1)), count(*)
FROM {table} WHERE length({column}) > 2 GROUP BY 1
"""


class NotABackup(Exception):
    """The file opens, and is something else."""


@dataclass(slots=True)
class Header:
    made_at: str
    server: int
    journal_position: int
    # How many values each key of FIELD_KEYS sealed.
    keys: dict[str, int] = field(default_factory=dict)
    format: str = FORMAT

    @classmethod
    def of(cls, connection: BaseDatabaseWrapper, *, server: int) -> Header:
        """Read in the caller's transaction, which the dump shares."""
        head = JournalHead.objects.using(connection.alias).first()
        return cls(
            made_at=timezone.now().isoformat(timespec="seconds"),
            server=server,
            journal_position=head.position if head else 0,
            keys=_sealing_keys(connection),
        )

    @classmethod
    def parse(cls, line: bytes) -> Header:
        """Raises NotABackup."""
        try:
            header = cls(**json.loads(line))
        except (ValueError, TypeError):
            raise NotABackup from None
        if header.format != FORMAT:
            raise NotABackup
        return header

    def line(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode() + b"\n"


def _sealing_keys(connection: BaseDatabaseWrapper) -> dict[str, int]:
    quote = connection.ops.quote_name
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for model in our_models():
            for sealed in model._meta.local_fields:
                if not isinstance(sealed, SealedMixin) or sealed.column is None:
                    continue
                statement = _KEYS.format(
                    column=quote(sealed.column), table=quote(model._meta.db_table)
                )
                cursor.execute(statement)
                for key_id, count in cursor.fetchall():
                    name = bytes(key_id).decode("ascii", "replace")
                    counts[name] = counts.get(name, 0) + count
    return counts
