"""Where each blind index comes from, bound by the app that knows, and how it is made again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections, models
from django.db.models import Q
from django.db.models.functions import Substr

from privacy.blind_index import BlindIndexField
from privacy.index_ring import MARK_BYTES, NAMELESS, index_ring, mark_of
from privacy.sealing import CannotOpen

BATCH = 500
_PAUSE = 0.5
_ROUNDS_IN_VAIN = 240
# Stands where no key of the ring made an index, as far as one can tell.
UNKNOWN = "?"

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class IndexSource:
    """One column of blind indexes. `again(row)` is the index of what the row (or what hangs on it)
    holds, under the newest key, or None where that is gone. `kept` says in words until when rows
    without their source are kept; `lasting` whether they must be found until then."""

    model: type[models.Model]
    field: str
    again: Callable[[Any], bytes | None]
    related: tuple[str, ...] = ()
    kept: Callable[[models.QuerySet[Any]], str] = lambda rows: "as long as these rows"
    lasting: bool = True
    # Rows that hold no index of anything, such as a group that is nobody's any more.
    besides: Collection[bytes] = ()


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """A whole table of indexes that is made again by its app, such as one of several for a person.

    `count()` says how many still need it, `rebuild(progress)` does it.
    """

    model: type[models.Model]
    field: str
    count: Callable[[], int]
    rebuild: Callable[[Progress], int]


_sources: dict[tuple[type[models.Model], str], IndexSource | Rebuilder] = {}


def bind_index_source(source: IndexSource | Rebuilder) -> None:
    """Called once for each column when the apps start."""
    _sources[source.model, source.field] = source


def index_sources() -> list[IndexSource | Rebuilder]:
    return list(_sources.values())


def unbound_indexes(all_models: Iterable[type[models.Model]]) -> list[str]:
    """Columns of blind indexes whose app never said how they are made again."""
    return [
        f"{model._meta.label}.{field.name}"
        for model in all_models
        for field in model._meta.local_concrete_fields
        if isinstance(field, BlindIndexField) and (model, field.name) not in _sources
    ]


def old_rows(source: IndexSource | Rebuilder) -> models.QuerySet[Any]:
    """Rows whose index another key than the newest made."""
    newest = index_ring().newest
    rows = source.model._base_manager.filter(**{f"{source.field}__isnull": False})
    if isinstance(source, IndexSource) and source.besides:
        rows = rows.exclude(**{f"{source.field}__in": list(source.besides)})
    rows = rows.annotate(
        _mark=Substr(source.field, 1, MARK_BYTES, output_field=models.BinaryField())
    )
    if newest != NAMELESS:
        return rows.exclude(_mark=mark_of(newest))
    # What bears no mark of the ring was made by the secret without an id.
    return rows.filter(_mark__in=[mark_of(i) for i in index_ring().key_ids if i])


def keys_of_indexes(source: IndexSource | Rebuilder) -> Counter[str]:
    """How many indexes of a column each key made, by its id; UNKNOWN where it is in no ring."""
    ring, found = index_ring(), Counter[str]()
    rows = source.model._base_manager.filter(**{f"{source.field}__isnull": False})
    if isinstance(source, IndexSource) and source.besides:
        rows = rows.exclude(**{f"{source.field}__in": list(source.besides)})
    marked = rows.annotate(
        _mark=Substr(source.field, 1, MARK_BYTES, output_field=models.BinaryField())
    )
    left = rows.count()
    for key_id in ring.key_ids:
        if key_id:
            found[key_id] = marked.filter(_mark=mark_of(key_id)).count()
            left -= found[key_id]
    found[NAMELESS if NAMELESS in ring.key_ids else UNKNOWN] += left
    return +found


def reindex(source: IndexSource, *, progress: Progress = lambda rows: None) -> int:
    """Make every index of a column again under the newest key; returns how many changed.

    Compare and set, without a lock: what somebody saves meanwhile is newer, and stays. Rows whose
    source is gone are passed over.
    """
    changed, in_vain = 0, 0
    while True:
        gone, now = _round(source, progress)
        changed += now
        if old_rows(source).count() <= gone:
            return changed
        in_vain = 0 if now else in_vain + 1
        if in_vain >= _ROUNDS_IN_VAIN:
            raise TimeoutError(f"Rows of {source.model._meta.db_table} are held by somebody else.")
        if in_vain:
            time.sleep(_PAUSE)


def _round(source: IndexSource, progress: Progress) -> tuple[int, int]:
    """How many rows cannot be made again, and how many were."""
    gone, changed, last = 0, 0, None
    while True:
        after = Q() if last is None else Q(pk__gt=last)
        rows = list(
            old_rows(source).filter(after).select_related(*source.related).order_by("pk")[:BATCH]
        )
        if not rows:
            return gone, changed
        last = rows[-1].pk
        pairs = []
        for row in rows:
            try:
                index = source.again(row)
            except CannotOpen:
                index = None
            if index is None:
                gone += 1
            else:
                pairs.append((row.pk, bytes(getattr(row, source.field)), index))
        written = _write(source, pairs) if pairs else 0
        changed += written
        progress(written)


def _write(source: IndexSource, pairs: list[tuple[Any, bytes, bytes]]) -> int:
    quoted = connections["default"].ops.quote_name
    table, column = quoted(source.model._meta.db_table), quoted(source.field)
    statement = (
        f"WITH held AS MATERIALIZED (SELECT id FROM {table} WHERE id = ANY(%s::uuid[]) "  # noqa: S608
        "ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) "
        f"UPDATE {table} AS t SET {column} = v.new "
        "FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS v(id, old, new) JOIN held USING (id) "
        f"WHERE t.id = v.id AND t.{column} = v.old"
    )
    keys = [pk for pk, _old, _new in pairs]
    with connections["default"].cursor() as cursor:
        cursor.execute(
            statement,
            [keys, keys, [old for _pk, old, _new in pairs], [new for _pk, _old, new in pairs]],
        )
        return int(cursor.rowcount)
