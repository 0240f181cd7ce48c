"""What people answer to a notice. Of them only identifiers stand here."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crises.enums import AnsweredVia, Choice
from crises.models.crises import WITH_CRISIS, Crisis
from crises.querysets import AnswerQuerySet
from privacy.blind_index import BlindIndexField
from privacy.declarations import declare
from privacy.fields import SealedTextField
from privacy.processing import DataSubject, LegalBasis


class Answer(models.Model):
    """What a person said after a notice. Never changed: another answer supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    person_id = models.UUIDField(_("person"))
    delivery_id = models.UUIDField(_("the message answered"), null=True, blank=True)
    choice = models.CharField(_("answer"), max_length=10, choices=Choice.choices)
    note = SealedTextField(
        _("note"), seal="crises.answer.note", owner="person_id", max_length=1000, null=True
    )
    whereabouts = SealedTextField(
        _("whereabouts"),
        seal="crises.answer.whereabouts",
        owner="person_id",
        max_length=300,
        null=True,
    )
    # Since when this person has asked for help in this crisis. A later "safe" flags the request
    # and never closes it, so it is carried on from answer to answer.
    help_asked_at = models.DateTimeField(_("asked for help at"), null=True, blank=True)
    # The stays that "I have left" ended: they come back with another answer.
    left_stays = ArrayField(
        models.UUIDField(), verbose_name=_("stays that were left"), default=list
    )
    via = models.CharField(_("answered through"), max_length=10, choices=AnsweredVia.choices)
    answered_at = models.DateTimeField(_("answered at"), default=timezone.now)
    superseded_at = models.DateTimeField(_("answered again at"), null=True, blank=True)
    # Who asked for help has erased themselves since: this row is tied to nobody any more.
    erased_at = models.DateTimeField(_("erased by the person at"), null=True, blank=True)
    # How to reach them about this request, where they chose to leave that.
    left_contact = SealedTextField(
        _("contact left with the request"),
        seal="crises.answer.left_contact",
        owner="person_id",
        max_length=254,
        null=True,
    )

    objects: ClassVar[models.Manager[Answer]] = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["crisis", "person_id"],
                condition=Q(superseded_at__isnull=True),
                name="one_current_answer",
            ),
            models.CheckConstraint(
                condition=Q(choice__in=Choice.values), name="answer_choice_known"
            ),
            models.CheckConstraint(
                condition=~Q(choice=Choice.NEED_HELP) | Q(help_asked_at__isnull=False),
                name="answer_help_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["crisis", "person_id", "-answered_at"], name="answer_history"),
            models.Index(
                fields=["crisis", "help_asked_at"],
                name="answer_help",
                condition=Q(superseded_at__isnull=True, help_asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Answer,
    purpose=_("Know who is safe, who needs help and who has left"),
    retention=WITH_CRISIS,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.VITAL_INTEREST,
    sealed={"note", "whereabouts", "left_contact"},
    plain={
        "id", "crisis", "person_id", "delivery_id", "choice", "left_stays", "via", "answered_at",
        "superseded_at", "erased_at",
    },
    derived={"help_asked_at"},
)  # fmt: skip


class Stopped(models.Model):
    """Someone who wants no more notices of this one crisis. Taken back, the row goes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, related_name="stopped", db_index=False
    )
    person_id = models.UUIDField(_("person"))
    stopped_at = models.DateTimeField(_("stopped at"), default=timezone.now)

    class Meta:
        verbose_name = _("wish for no more notices")
        verbose_name_plural = _("wishes for no more notices")
        constraints = [models.UniqueConstraint(fields=["crisis", "person_id"], name="stopped_once")]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Stopped,
    purpose=_("Send nothing more about a crisis to who does not want it"),
    retention=WITH_CRISIS,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.LEGAL_OBLIGATION,
    plain={"id", "crisis", "person_id", "stopped_at"},
)


class Submission(models.Model):
    """A form that the person, or a relative, sent in a crisis. Sent twice, it is taken once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, related_name="submissions", db_index=False
    )
    # What was typed, together with a random token of the form: a corrected one is another.
    key = BlindIndexField()
    person_id = models.UUIDField(_("person"))
    # Too many messages went out for now: the one that proves the address is sent later.
    proof_waits = models.BooleanField(_("waits for its proof"), default=False)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)

    class Meta:
        verbose_name = _("form sent in a crisis")
        verbose_name_plural = _("forms sent in a crisis")
        constraints = [
            models.UniqueConstraint(fields=["crisis", "key"], name="submission_taken_once")
        ]
        indexes = [
            models.Index(fields=["crisis", "person_id"], name="submission_by_person"),
            models.Index(
                fields=["sent_at"], name="submission_waits", condition=Q(proof_waits=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Submission,
    purpose=_("Take a form that was sent twice in a crisis only once, and prove its address"),
    retention=WITH_CRISIS,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.VITAL_INTEREST,
    plain={"id", "crisis", "person_id", "proof_waits", "sent_at"},
    derived={"key"},
)
