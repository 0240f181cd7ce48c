"""Half-finished registrations, and the codes that prove an address."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.channels.installed import channel_choices
from privacy.blind_index import BlindIndexField
from privacy.declarations import declare
from privacy.fields import SealedJSONField, SealedTextField
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis
from registrations.kept import PROVE

DRAFT_LIFETIME = dt.timedelta(hours=72)
CODE_LIFETIME = dt.timedelta(minutes=15)


def _until_it_expires() -> str:
    hours = int(DRAFT_LIFETIME.total_seconds() // 3600)
    return ngettext(
        "Until %(hours)d hour after it was begun; what was sent goes at once.",
        "Until %(hours)d hours after it was begun; what was sent goes at once.",
        hours,
    ) % {"hours": hours}


UNTIL_IT_EXPIRES = Period(_until_it_expires, lambda: DRAFT_LIFETIME / dt.timedelta(days=1))


def draft_expiry() -> dt.datetime:
    return timezone.now() + DRAFT_LIFETIME


def code_expiry() -> dt.datetime:
    return timezone.now() + CODE_LIFETIME


class Draft(models.Model):
    """A half-finished registration. Its identifier becomes the person's when it is completed,
    so that a doubled submit finds the person it made instead of making another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answers = SealedJSONField(_("what was typed"), seal="registrations.draft.answers")
    created_at = models.DateTimeField(_("begun at"), default=timezone.now)
    expires_at = models.DateTimeField(_("kept until"), default=draft_expiry)

    class Meta:
        verbose_name = _("registration not yet sent")
        verbose_name_plural = _("registrations not yet sent")
        indexes = [models.Index(fields=["expires_at"], name="draft_by_expiry")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


declare(
    Draft,
    purpose=PROVE,
    retention=UNTIL_IT_EXPIRES,
    about={DataSubject.TRAVELLER, DataSubject.COMPANION, DataSubject.FAMILY, DataSubject.REPORTER},
    basis=LegalBasis.CONSENT,
    sealed={"answers"},
    plain={"id", "created_at", "expires_at"},
)


class Challenge(models.Model):
    """A code sent to an address to prove it. The code itself is derived and never stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="challenges")
    channel = models.CharField(_("channel"), max_length=20, choices=channel_choices)
    address = SealedTextField(
        _("address"), seal="registrations.challenge.address", owner="draft_id", max_length=254
    )
    address_index = BlindIndexField()
    language = models.CharField(_("language"), max_length=8)
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    expires_at = models.DateTimeField(_("works until"), default=code_expiry)
    tries = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        indexes = [models.Index(fields=["address_index"], name="challenge_by_address")]
        verbose_name = _("code sent to an address")
        verbose_name_plural = _("codes sent to an address")

    def __str__(self) -> str:
        return str(self.id)


declare(
    Challenge,
    purpose=PROVE,
    retention=UNTIL_IT_EXPIRES,
    about={DataSubject.TRAVELLER, DataSubject.REPORTER},
    basis=LegalBasis.CONSENT,
    sealed={"address"},
    plain={"id", "draft", "channel", "language", "created_at", "expires_at", "tries", "used_at"},
    derived={"address_index"},
)
