"""Half-finished registrations, and the codes that prove an address."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel
from privacy.blind_index import BlindIndexField
from privacy.declarations import declare
from privacy.fields import SealedJSONField, SealedTextField

DRAFT_LIFETIME = dt.timedelta(hours=72)
CODE_LIFETIME = dt.timedelta(minutes=15)


def draft_expiry() -> dt.datetime:
    return timezone.now() + DRAFT_LIFETIME


def code_expiry() -> dt.datetime:
    return timezone.now() + CODE_LIFETIME


class Draft(models.Model):
    """A half-finished registration. Its identifier becomes the person's when it is completed,
    so that a doubled submit finds the person it made instead of making another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answers = SealedJSONField(seal="registrations.draft.answers")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=draft_expiry)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [models.Index(fields=["expires_at"], name="draft_by_expiry")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


declare(
    Draft,
    purpose="Keep what was typed until the registration is sent",
    retention="72 hours",
    sealed={"answers"},
    plain={"id", "created_at", "expires_at"},
)


class Challenge(models.Model):
    """A code sent to an address to prove it. The code itself is derived and never stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="challenges")
    channel = models.CharField(max_length=8, choices=Channel)
    address = SealedTextField(
        seal="registrations.challenge.address", owner="draft_id", max_length=254
    )
    address_index = BlindIndexField()
    language = models.CharField(max_length=8)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=code_expiry)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address_index"], name="challenge_by_address")]
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")

    def __str__(self) -> str:
        return str(self.id)


declare(
    Challenge,
    purpose="Prove that an address belongs to who typed it",
    retention="With its draft, 72 hours at most",
    sealed={"address"},
    plain={"id", "draft", "channel", "language", "created_at", "expires_at", "tries", "used_at"},
    derived={"address_index"},
)
