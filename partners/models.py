"""Agencies whose programs read the partner API. An agency is not a user and never signs in."""

from __future__ import annotations

import uuid
from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.enums import AgencyKind
from privacy.declarations import declare


class Agency(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=32, choices=AgencyKind.choices)
    client = models.OneToOneField(
        "allauth_idp_oidc.Client",
        verbose_name=_("OAuth2 client"),
        on_delete=models.PROTECT,
        related_name="agency",
    )
    is_active = models.BooleanField(_("may read"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=AgencyKind.values), name="agency_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_authenticated(self) -> Literal[True]:
        """A caller of the API is an agency where it would elsewhere be a user."""
        return True


declare(
    Agency,
    purpose=_("Know which partner agency's program reads about open crises"),
    retention=_("While the agreement lasts, and then as long as the ledger names the agency."),
    about=(),
    plain={"id", "name", "kind", "client", "is_active", "created_at"},
)
