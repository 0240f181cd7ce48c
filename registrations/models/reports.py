"""What others say of a person: groups, their uploads, and where every word came from."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.blind_index import BlindIndexField
from privacy.declarations import declare
from privacy.fields import SealedJSONField, SealedTextField
from privacy.processing import DataSubject, LegalBasis
from registrations.enums import GroupKind, Source, UploadState
from registrations.kept import GROUPS, REPORTS, WITH_GROUP, WITH_REGISTRATION, WITH_REPORT
from registrations.models.contacts import ContactPoint
from registrations.models.drafts import UNTIL_IT_EXPIRES, draft_expiry
from registrations.models.people import Person


class Group(models.Model):
    """A school, a tour, a company or a crew. Whoever organises it learns nothing of its people."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=GroupKind)
    name = SealedTextField(_("name"), seal="registrations.group.name", max_length=300)
    organiser_name = SealedTextField(
        _("organiser"), seal="registrations.group.organiser_name", max_length=300
    )
    organiser_mail = SealedTextField(
        _("organiser's email"), seal="registrations.group.organiser_mail", max_length=254
    )
    organiser_index = BlindIndexField()
    language = models.CharField(_("language"), max_length=8)
    # The journey they share, as answers: each who joins finds it filled in.
    stays = SealedJSONField(_("stays"), seal="registrations.group.stays")
    ends_on = models.DateField(_("until"))
    # Counted up to make the former link worthless.
    link_version = models.PositiveSmallIntegerField(_("version of the link"), default=1)
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        indexes = [models.Index(fields=["organiser_index"], name="group_by_organiser")]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Group,
    purpose=GROUPS,
    retention=WITH_GROUP,
    about={DataSubject.REPORTER},
    basis=LegalBasis.CONSENT,
    sealed={"name", "organiser_name", "organiser_mail", "stays"},
    plain={"id", "kind", "language", "ends_on", "link_version", "created_at"},
    derived={"organiser_index"},
)


class Upload(models.Model):
    """A spreadsheet of a group: read, checked row by row, and taken only when its group says so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.CASCADE, related_name="uploads")
    state = models.CharField(
        _("state"), max_length=16, choices=UploadState, default=UploadState.CHECKING
    )
    # The cells as text: {columns, numbers, rows} of a spreadsheets.tables.Table.
    rows = SealedJSONField(_("rows"), seal="registrations.upload.rows", owner="group_id", null=True)
    # What is wrong: a list of {row, column, message}; rows are numbered as in the spreadsheet.
    problems = SealedJSONField(
        _("problems"), seal="registrations.upload.problems", owner="group_id", null=True
    )
    language = models.CharField(_("language"), max_length=8)
    total = models.PositiveIntegerField(_("number of rows"), default=0)
    checked = models.PositiveIntegerField(_("rows checked"), default=0)
    wrong = models.PositiveIntegerField(_("rows to correct"), default=0)
    taken = models.PositiveIntegerField(_("rows taken"), default=0)
    created_at = models.DateTimeField(_("sent in at"), default=timezone.now)
    moved_at = models.DateTimeField(_("last moved on at"), default=timezone.now)
    expires_at = models.DateTimeField(_("kept until"), default=draft_expiry)

    class Meta:
        verbose_name = _("list of a group")
        verbose_name_plural = _("lists of a group")

    def __str__(self) -> str:
        return str(self.id)


declare(
    Upload,
    purpose=GROUPS,
    retention=UNTIL_IT_EXPIRES,
    about={DataSubject.REPORTED},
    basis=LegalBasis.PUBLIC_TASK,
    sealed={"rows", "problems"},
    plain={
        "id", "group", "state", "language", "total", "checked", "wrong", "taken", "created_at",
        "moved_at", "expires_at",
    },
)  # fmt: skip


class Report(models.Model):
    """Where a word about a person came from. It stays with the person it was first said of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="reports")
    source = models.CharField(_("source"), max_length=16, choices=Source)
    group = models.ForeignKey(
        Group, models.SET_NULL, verbose_name=_("group"), null=True, related_name="reports"
    )
    # Which person named them as a companion.
    named_by = models.ForeignKey(
        Person, models.SET_NULL, verbose_name=_("who named them"), null=True, related_name="+"
    )
    # Which crisis was open; the floors above know it.
    crisis_id = models.UUIDField(_("the crisis that was open"), null=True)
    # {"name": ..., "contact": ..., "relationship": ...} of who reported, where it was no group.
    reporter = SealedJSONField(
        _("reporter"), seal="registrations.report.reporter", owner="person_id", null=True
    )
    note = SealedTextField(
        _("note"), seal="registrations.report.note", owner="person_id", max_length=1000, null=True
    )
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    # The person's own word about it.
    agreed_at = models.DateTimeField(_("agreed at"), null=True)
    refused_at = models.DateTimeField(_("refused at"), null=True)

    class Meta:
        verbose_name = _("what others told us")
        verbose_name_plural = _("what others told us")

    def __str__(self) -> str:
        return str(self.id)


declare(
    Report,
    purpose=REPORTS,
    retention=WITH_REGISTRATION,
    about={DataSubject.REPORTED, DataSubject.REPORTER},
    basis=LegalBasis.VITAL_INTEREST,
    sealed={"reporter", "note"},
    plain={
        "id", "person", "source", "group", "named_by", "crisis_id", "reported_at", "agreed_at",
        "refused_at",
    },
)  # fmt: skip


class Invitation(models.Model):
    """One address, written to at most once by each group, companion or relative.

    Of an address that refused nothing is kept but the index, so that it is not written to again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Of who invites and whom, together: neither can be told from it.
    index = BlindIndexField(unique=True)
    contact_point = models.ForeignKey(
        ContactPoint,
        models.SET_NULL,
        verbose_name=_("contact point"),
        null=True,
        related_name="invitations",
    )
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    refused_at = models.DateTimeField(_("refused at"), null=True)
    keep_until = models.DateField(_("kept until"))

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(sent_at__isnull=True),
                name="invitation_unsent",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Invitation,
    purpose=_("Invite an address once, and never again once it refused"),
    retention=WITH_REPORT,
    about={DataSubject.REPORTED},
    basis=LegalBasis.PUBLIC_TASK,
    plain={"id", "contact_point", "created_at", "sent_at", "refused_at", "keep_until"},
    derived={"index"},
)
