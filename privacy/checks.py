"""System checks: seal ids are unique for ever, and the keys can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from privacy.derivation import domain_key
from privacy.fields import SealedMixin
from privacy.index_ring import index_ring
from privacy.keyring import key_ring


def check_seal_ids(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Two fields with one seal id could swap their values unnoticed."""
    seen: dict[str, Any] = {}
    errors: list[checks.CheckMessage] = []
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if not isinstance(field, SealedMixin):
                continue
            other = seen.setdefault(field.seal_id, field)
            if other is not field:
                errors.append(
                    checks.Error(
                        f"Seal id {field.seal_id!r} is taken by {other}.",
                        obj=field,
                        id="privacy.E105",
                    )
                )
    return errors


def check_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    errors: list[checks.CheckMessage] = []
    for read in (
        key_ring,
        index_ring,
        lambda: domain_key("LINK_KEY", "check"),
    ):
        try:
            read()
        except ImproperlyConfigured as error:
            errors.append(checks.Critical(str(error), id="privacy.E106"))
    return errors
