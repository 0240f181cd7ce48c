"""Model fields whose values are sealed on save and opened on first access.

A sealed value is bound to its field (`seal`, unique and never renamed), to its row's primary key
and, where `owner` names a column, to the row's owner. See docs/privacy.md.
"""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

from django.core import checks
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django_cryptography.fields import EncryptedMixin

from privacy.keyring import key_ring
from privacy.owners import guard_owner
from privacy.sealing import CannotOpen, Sealed, seal, unseal

__all__ = [
    "CannotOpen",
    "PlaintextRefused",
    "Sealed",
    "SealedDateField",
    "SealedJSONField",
    "SealedTextField",
    "open_value",
]


class PlaintextRefused(TypeError):
    """A plain value was about to leave a sealed field by a way that does not seal it."""


class SealedAttribute(DeferredAttribute):
    """Keeps what the database gave until it is asked for, then opens it once."""

    field: SealedMixin

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        if instance is None:
            return self
        attname = self.field.attname
        if attname not in instance.__dict__ and not instance._state.adding:
            # A deferred field. Django's way would also ask for the owner, once for each row.
            rows = type(instance)._base_manager.using(instance._state.db).filter(pk=instance.pk)
            instance.__dict__[attname] = rows.values_list(attname, flat=True).get()
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = self.field.open(value, instance)
            instance.__dict__[attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedMixin(EncryptedMixin):
    """The plumbing is django-cryptography's; cipher, payload, binding and keys are ours."""

    descriptor_class = SealedAttribute
    seal_id: str
    owner: str | None

    def __init__(self, *args: Any, seal: str = "", owner: str | None = None, **kwargs: Any) -> None:
        self.seal_id, self.owner = seal, owner
        # Past EncryptedMixin's own __init__, which would derive a key from SECRET_KEY.
        super(EncryptedMixin, self).__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super(EncryptedMixin, self).deconstruct()
        kwargs["seal"] = self.seal_id
        if self.owner is not None:
            kwargs["owner"] = self.owner
        return name, f"{type(self).__module__}.{type(self).__qualname__}", args, kwargs

    def clone(self) -> Any:
        _name, _path, args, kwargs = self.deconstruct()
        return type(self)(*args, **kwargs)

    # DateField takes whatever Field takes, but not in its order.
    def contribute_to_class(  # type: ignore[override]
        self, cls: Any, name: str, **kwargs: Any
    ) -> None:
        super().contribute_to_class(cls, name, **kwargs)
        if self.owner is not None and not cls._meta.abstract:
            guard_owner(cls)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        meta = self.model._meta
        problems = {
            "E101": None if self.seal_id else "A sealed field needs a seal id: seal='app.model.f'.",
            "E102": None
            if isinstance(meta.pk, models.UUIDField) and meta.pk.has_default()
            else "A row with sealed fields needs a UUID primary key with a default.",
            "E103": None
            if self.owner is None or self.owner in {f.attname for f in meta.concrete_fields}
            else f"owner={self.owner!r} is no column of this model.",
            "E104": None
            if not (self.unique or getattr(self, "db_index", False))
            else "Ciphertext differs each time: index a BlindIndexField beside it instead.",
        }
        errors += [
            checks.Error(text, obj=self, id=f"privacy.{code}")
            for code, text in problems.items()
            if text
        ]
        return errors

    # Sealing and opening.

    def binding(self, pk: Any, owner: Any) -> dict[str, Any]:
        """What a value is sealed to. Keys written as text bind like the keys they stand for."""
        meta = self.model._meta
        if not isinstance(pk, UUID):
            pk = meta.pk.to_python(pk)
        if self.owner is None:
            owner = None
        elif not isinstance(owner, UUID):
            owner_field: Any = next(f for f in meta.concrete_fields if f.attname == self.owner)
            owner = owner_field.to_python(owner)
        return {"seal": self.seal_id, "pk": pk, "owner": owner}

    def _binding_of(self, instance: models.Model) -> dict[str, Any]:
        if instance.pk is None:
            raise ValueError(f"{self.seal_id}: a row is sealed by its key, so it needs one first.")
        owner = None if self.owner is None else getattr(instance, self.owner)
        return self.binding(instance.pk, owner)

    def encode(self, value: Any) -> Any:
        """The value as JSON takes it."""
        return value

    def decode(self, value: Any) -> Any:
        """The value as Python takes it."""
        return value

    def open(self, sealed: Sealed, instance: models.Model) -> Any:
        return self.decode(unseal(sealed, **self._binding_of(instance)))

    def open_raw(self, raw: Sealed | bytes | memoryview | None, pk: Any, owner: Any) -> Any:
        if raw is None:
            return None
        sealed = raw if isinstance(raw, Sealed) else Sealed(raw)
        return self.decode(unseal(sealed, **self.binding(pk, owner)))

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        """Seal what was read or assigned anew; keep what was never opened, if it still opens."""
        stored = model_instance.__dict__.get(self.attname)
        value = getattr(model_instance, self.attname)
        if value is None:
            return None
        if isinstance(stored, Sealed) and stored.key_id == key_ring().newest:
            return stored
        if hasattr(value, "resolve_expression"):
            raise PlaintextRefused(f"{self.seal_id}: an expression cannot be sealed.")
        return seal(self.encode(value), **self._binding_of(model_instance))

    # Between Python and the database.

    def _dump(self, value: Any) -> bytes:
        if not isinstance(value, Sealed):
            raise PlaintextRefused(
                f"{self.seal_id}: only save() and bulk_create() seal; update() and bulk_update() "
                "cannot."
            )
        return value.raw

    def _load(self, value: bytes) -> Sealed:
        return Sealed(value)

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Refuse expressions: PostgreSQL would take Value("text") for the bytes of a ciphertext."""
        if hasattr(value, "as_sql"):
            raise PlaintextRefused(f"{self.seal_id}: an expression cannot be sealed.")
        return "%s"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value  # get_placeholder() refuses the expression.
        return connection.Database.Binary(self._dump(value))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return self.get_db_prep_value(value, connection)

    def value_to_string(self, obj: models.Model) -> str:
        raise PlaintextRefused(f"{self.seal_id}: sealed fields do not leave through serializers.")


class SealedTextField(SealedMixin, models.TextField):
    """Sealed text. `max_length` binds forms and validation; the column knows no length."""

    description = "Sealed text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def encode(self, value: Any) -> str:
        return str(value)


class SealedJSONField(SealedMixin, models.JSONField):  # type: ignore[misc]
    """Sealed JSON: an object, a list, a text, a number."""

    description = "Sealed JSON"


class SealedDateField(SealedMixin, models.DateField):
    """A sealed calendar date."""

    description = "Sealed date"

    def encode(self, value: Any) -> str:
        try:
            return self.to_python(value).isoformat()
        except ValidationError:
            raise ValueError(f"{self.seal_id}: the value is no date.") from None

    def decode(self, value: str) -> datetime.date:
        return datetime.date.fromisoformat(value)

    def value_from_object(self, obj: models.Model) -> Any:
        # Django's serializers write a date as it is, without asking value_to_string.
        if not obj._state.adding:
            self.value_to_string(obj)
        return super().value_from_object(obj)


def open_value(
    model: type[models.Model],
    field_name: str,
    raw: Sealed | bytes | memoryview | None,
    *,
    pk: Any,
    owner: Any = None,
) -> Any:
    """Open one raw value, as `.values_list()` gives it, for the row and owner it was sealed for.

    Raises CannotOpen.
    """
    field: Any = model._meta.get_field(field_name)
    return field.open_raw(raw, pk, owner)
