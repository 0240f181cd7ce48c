"""What an officer has before them until it becomes the area of a crisis: files read, areas begun.

Both belong to whoever began them, say nothing of anybody else, and are gone after a day.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import cached_property

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from crises.drafting import area_of
from crises.imports import piece_of
from crises.models.crises import CRISIS, Crisis
from crises.pieces import Piece
from geography.areas import Area
from privacy.declarations import declare
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

DRAFTS_KEPT = timedelta(days=1)


def _for_a_day() -> str:
    return ngettext(
        "For %(days)d day after it was last changed.",
        "For %(days)d days after it was last changed.",
        DRAFTS_KEPT.days,
    ) % {"days": DRAFTS_KEPT.days}


UNTIL_USED = Period(_for_a_day, lambda: DRAFTS_KEPT.days)


class AreaDraft(models.Model):
    """An area put together piece by piece, on the map or in words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None while no crisis is open: the area then opens one.
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, verbose_name=_("crisis"), null=True, related_name="+"
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    is_drill = models.BooleanField(_("a drill"), default=False)
    # Facts of the alert that its first pieces came from; empty where there was none.
    alert = models.JSONField(_("facts of the alert"), default=dict, blank=True)
    # In the order in which they are added and taken away; see crises.pieces.
    pieces = models.JSONField(_("pieces of the area"), default=list, blank=True)
    # Goes up with every change, so that a second tab cannot undo what the first did.
    version = models.PositiveIntegerField(_("version"), default=1)
    made_by = models.ForeignKey(
        User, on_delete=models.CASCADE, verbose_name=_("drawn by"), related_name="+"
    )
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        verbose_name = _("area being drawn")
        verbose_name_plural = _("areas being drawn")
        indexes = [models.Index(fields=["changed_at"], name="area_draft_by_age")]

    def __str__(self) -> str:
        return str(self.id)

    @cached_property
    def area(self) -> Area:
        """What the pieces make together. Raises InvalidArea where they make none."""
        return area_of(self.pieces)


declare(
    AreaDraft,
    purpose=CRISIS,
    retention=UNTIL_USED,
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    plain={
        "id", "crisis", "title", "is_drill", "alert", "pieces", "version", "made_by", "changed_at",
    },
)  # fmt: skip


class AlertImport(models.Model):
    """What one alert of a file said, kept while an officer looks at it. A public text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # One upload may hold several alerts: they share this, and stand in the file's order.
    file = models.UUIDField(_("upload"), default=uuid.uuid4)
    position = models.PositiveIntegerField(_("place in the file"), default=0)
    format = models.CharField(_("format"), max_length=20, blank=True)
    # Whose area it is to become; None where it is to open one.
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, verbose_name=_("crisis"), null=True, related_name="+"
    )
    facts = models.JSONField(_("facts of the alert"))
    # Each element that says where: name, element, line, remarks, chosen, geojson (or null),
    # countries; see crises.imports.
    parts = models.JSONField(_("what it says of where"), default=list)
    # Pieces typed in place of what could not be understood; see crises.pieces.
    typed = models.JSONField(_("places typed beside it"), default=list, blank=True)
    remarks = models.JSONField(_("remarks on the file"), default=list, blank=True)
    is_swapped = models.BooleanField(_("latitude and longitude exchanged"), default=False)
    expires = models.DateTimeField(_("valid until"), null=True, blank=True)
    is_drill = models.BooleanField(_("a drill"))
    imported_by = models.ForeignKey(
        User, on_delete=models.CASCADE, verbose_name=_("read in by"), related_name="+"
    )
    imported_at = models.DateTimeField(_("read in at"), default=timezone.now)

    class Meta:
        verbose_name = _("alert file")
        verbose_name_plural = _("alert files")
        indexes = [models.Index(fields=["file", "position"], name="alert_import_by_file")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def pieces(self) -> list[Piece]:
        """What makes its area: the parts that are ticked, and what was typed beside them."""
        chosen = [
            piece_of(part, number)
            for number, part in enumerate(self.parts)
            if part["chosen"] and part["geojson"]
        ]
        return [*chosen, *self.typed]

    @cached_property
    def area(self) -> Area:
        """Raises InvalidArea where nothing is ticked or typed."""
        return area_of(self.pieces)


declare(
    AlertImport,
    purpose=CRISIS,
    retention=UNTIL_USED,
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    plain={
        "id", "file", "position", "format", "crisis", "facts", "parts", "typed", "remarks",
        "is_swapped", "expires", "is_drill", "imported_by", "imported_at",
    },
)  # fmt: skip
