"""Counts results in the statement that writes them: exact, and nothing is lost with a worker."""

from __future__ import annotations

from django.db import connection

from notifications.watching.models import COUNTS_KEPT

# By connection: two workers seldom write the same row, and a minute has at most 16 of each kind.
# In the order of the key, so that two workers never wait for each other in a circle.
_COUNTED = """
WITH written AS ({update}), counted AS (
    INSERT INTO notifications_providerminute
        (minute, provider, lane, result, code, shard, number)
    SELECT date_trunc('minute', statement_timestamp(), 'UTC'), provider, lane,
        CASE result WHEN 'queued' THEN 'retried' ELSE result END, code,
        pg_backend_pid() & 15, count(*)
    FROM written GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (minute, provider, lane, result, code, shard)
        DO UPDATE SET number = notifications_providerminute.number + excluded.number
)
SELECT count(*) FROM written
"""

_FOLD = """
WITH gone AS (
    DELETE FROM notifications_providerminute
    WHERE minute > 'epoch' AND minute < statement_timestamp() - %s * interval '1 day'
    RETURNING provider, lane, result, code, number
)
INSERT INTO notifications_providerminute (minute, provider, lane, result, code, shard, number)
SELECT 'epoch'::timestamptz, provider, lane, result, code, 0, sum(number)
FROM gone GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (minute, provider, lane, result, code, shard)
    DO UPDATE SET number = notifications_providerminute.number + excluded.number
"""


def counted(update: str) -> str:
    """A statement that does this update, counts what it changed, and returns how many rows.

    The update returns `provider`, `lane`, `result` (a state, or one of Result) and `code`.
    """
    return _COUNTED.format(update=update)


def fold_old_minutes() -> None:
    """Add up what is older than a week in one row of each kind."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [COUNTS_KEPT.days])
