"""What people send back instead of following the link, until an officer has read it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from crises.enums import ReplyOutcome, Unclear
from crises.models.crises import Crisis
from crises.querysets import ReplyQuerySet
from notifications.channels.installed import channel_choices
from privacy.blind_index import BlindIndexField
from privacy.declarations import declare
from privacy.fields import SealedTextField
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

REPLIES_KEPT = timedelta(days=30)


def _kept() -> str:
    return ngettext(
        "For %(days)d day, and never longer than its crisis.",
        "For %(days)d days, and never longer than its crisis.",
        REPLIES_KEPT.days,
    ) % {"days": REPLIES_KEPT.days}


class IncomingReply(models.Model):
    """One text that came in. Of one that was recorded as an answer only that it came is kept, so
    that a gateway that sends it twice changes nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None where it could not be tied to any: whoever sent it is not known.
    crisis = models.ForeignKey(
        Crisis,
        on_delete=models.CASCADE,
        verbose_name=_("crisis"),
        null=True,
        related_name="replies",
    )
    channel = models.CharField(_("channel"), max_length=20, choices=channel_choices)
    provider = models.CharField(_("provider"), max_length=60)
    provider_reference = models.CharField(_("the provider's reference"), max_length=100, blank=True)
    sender = SealedTextField(_("sender"), seal="crises.reply.sender", max_length=254, null=True)
    sender_index = BlindIndexField(null=True)
    text = SealedTextField(_("text"), seal="crises.reply.text", max_length=1000, null=True)
    reason = models.CharField(
        _("why it marked nobody"), max_length=20, choices=Unclear.choices, blank=True
    )
    # It is read before the others.
    may_call_for_help = models.BooleanField(_("may be a call for help"), default=False)
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    outcome = models.CharField(
        _("what became of it"), max_length=10, choices=ReplyOutcome.choices, blank=True
    )
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)
    handled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("handled by"), null=True, related_name="+"
    )

    objects: ClassVar[models.Manager[IncomingReply]] = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer that came as a text")
        verbose_name_plural = _("answers that came as a text")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="reply_taken_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["crisis", "-received_at"],
                name="reply_to_read",
                condition=Q(handled_at__isnull=True),
            ),
            models.Index(fields=["received_at"], name="reply_by_age"),
            models.Index(
                fields=["sender_index"],
                name="reply_by_sender",
                condition=Q(sender_index__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    IncomingReply,
    purpose=_("Understand what people answer by text, and have an officer read what is not clear"),
    retention=Period(_kept, lambda: REPLIES_KEPT.days),
    about={DataSubject.TRAVELLER, DataSubject.REPORTED, DataSubject.STAFF},
    basis=LegalBasis.VITAL_INTEREST,
    sealed={"sender", "text"},
    plain={
        "id", "crisis", "channel", "provider", "provider_reference", "reason",
        "may_call_for_help", "received_at", "outcome", "handled_at", "handled_by",
    },
    derived={"sender_index": _("Find an answer again when its sender is erased")},
)  # fmt: skip
