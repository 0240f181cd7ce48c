"""Keeps a row's sealed values and its owner together: neither is saved without the other."""

from __future__ import annotations

from typing import Any

from django.db import models


class OwnerMoved(ValueError):
    """A row's owner was changed while values sealed for the former owner would stay."""


def guard_owner(cls: Any) -> None:
    """Make an UPDATE through `save()` refuse to move the owner alone. Called by sealed fields.

    `save(update_fields=["person"])` would leave columns that no longer open. The database is asked
    only when the owner is written and a value sealed for it is not.
    """
    if "_do_update" in cls.__dict__:
        return
    plain_update = cls._do_update

    def _do_update(
        self: models.Model,
        base_qs: models.QuerySet[Any],
        using: str,
        pk_val: Any,
        values: Any,
        *rest: Any,
    ) -> bool:
        written = {field.attname for field, _model, _value in values}
        for field in self._meta.concrete_fields:
            owner = getattr(field, "owner", None)
            if owner is None or owner not in written or field.attname in written:
                continue
            stays = models.Q(pk=pk_val, **{f"{field.attname}__isnull": False})
            if base_qs.filter(stays).exclude(**{owner: getattr(self, owner)}).exists():
                raise OwnerMoved(
                    f"{self._meta.label}.{field.name} is sealed for the row's former owner: read "
                    "it before the change and save both together."
                )
        return bool(plain_update(self, base_qs, using, pk_val, values, *rest))

    cls._do_update = _do_update
