"""Keeping what an alert file says while an officer looks at it, ticks parts and types places."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import ledger
from crises.actions.refusals import must_be_open
from crises.alert_files import AlertFile, ReadFile
from crises.imports import exchanged, parts_of
from crises.models import AlertImport, Crisis
from crises.models.drafts import DRAFTS_KEPT
from crises.pieces import Piece, check_amount, essence


@transaction.atomic
def import_file(*, file: ReadFile, by: User, crisis: Crisis | None = None) -> list[AlertImport]:
    """Keep each alert of a file, in its order; `crisis` is the one to get its area, if any.

    Raises Refused where that crisis is closed.
    """
    if crisis is not None:
        must_be_open(crisis)
    AlertImport.objects.filter(imported_at__lt=timezone.now() - DRAFTS_KEPT).delete()
    upload = uuid.uuid4()
    return [
        _keep(alert, AlertImport(
            file=upload,
            position=position,
            format=file.format,
            remarks=file.remarks,
            crisis=crisis,
            imported_by=by,
        ), by)
        for position, alert in enumerate(file.alerts)
    ]  # fmt: skip


@transaction.atomic
def import_alert(*, alert: AlertFile, by: User) -> AlertImport:
    """Keep one alert."""
    AlertImport.objects.filter(imported_at__lt=timezone.now() - DRAFTS_KEPT).delete()
    return _keep(alert, AlertImport(imported_by=by), by)


@transaction.atomic
def tick_parts(*, imported: AlertImport, ticked: Collection[str], by: User) -> AlertImport:
    """Take the parts with these numbers and no others; what was not understood is never ticked."""
    kept = _locked(imported.pk, by)
    for number, part in enumerate(kept.parts):
        part["chosen"] = bool(part["geojson"]) and str(number) in ticked
    return _save(kept, "parts")


@transaction.atomic
def exchange_coordinates(*, imported: AlertImport, by: User) -> AlertImport:
    """Read latitude and longitude the other way round; once more, and it is as it was."""
    kept = _locked(imported.pk, by)
    kept.parts = [exchanged(part) for part in kept.parts]
    kept.is_swapped = not kept.is_swapped
    return _save(kept, "parts", "is_swapped")


@transaction.atomic
def type_places(*, imported: AlertImport, pieces: Sequence[Piece], by: User) -> AlertImport:
    """Add typed pieces to what the file draws. The same twice is there once. Raises InvalidArea."""
    kept = _locked(imported.pk, by)
    # Not by its label: two towns may be called the same.
    typed = {essence(piece) for piece in kept.typed}
    kept.typed = [*kept.typed, *(piece for piece in pieces if essence(piece) not in typed)]
    check_amount(kept.typed)
    return _save(kept, "typed")


@transaction.atomic
def remove_typed(*, imported: AlertImport, piece_id: str, by: User) -> AlertImport:
    kept = _locked(imported.pk, by)
    kept.typed = [piece for piece in kept.typed if piece["id"] != piece_id]
    return _save(kept, "typed")


@transaction.atomic
def take_to_crisis(*, imported: AlertImport, crisis: Crisis, by: User) -> AlertImport:
    """Say that the area is to become this crisis's. Raises Refused where it is closed."""
    must_be_open(crisis)
    kept = _locked(imported.pk, by)
    kept.crisis = crisis
    return _save(kept, "crisis")


def _keep(alert: AlertFile, kept: AlertImport, by: User) -> AlertImport:
    kept.facts = alert.facts()
    kept.parts = parts_of(alert)
    kept.expires = alert.expires
    kept.is_drill = alert.is_drill
    kept.save(force_insert=True)
    ledger.record(
        action="alert.import",
        by=by,
        purpose="exercise" if alert.is_drill else "crisis",
        object_type="crises.alertimport",
        object_id=kept.pk,
        details={
            "status": alert.status,
            "expired": alert.is_expired(),
            "format": kept.format,
            "understood": sum(bool(part["geojson"]) for part in kept.parts),
            "parts": len(kept.parts),
        },
    )
    return kept


def _locked(pk: UUID, by: User) -> AlertImport:
    """Their own, and nobody else's. Raises AlertImport.DoesNotExist."""
    return AlertImport.objects.select_for_update().get(pk=pk, imported_by=by)


def _save(kept: AlertImport, *fields: str) -> AlertImport:
    kept.save(update_fields=fields)
    return kept
