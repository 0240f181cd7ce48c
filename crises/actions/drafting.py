"""Putting an area together piece by piece, and making it the area of a crisis.

Nothing here selects anybody: the ledger hears of it when the area is counted or used.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crises.actions.opening import open_crisis, set_area
from crises.actions.refusals import Refused, must_be_open
from crises.enums import AreaSource
from crises.models import AffectedArea, AreaDraft, Crisis
from crises.models.drafts import DRAFTS_KEPT
from crises.pieces import Piece, check_amount, essence
from geography.areas import Area


class Overtaken(Refused):
    """The area was changed elsewhere since the page was shown. Nothing was changed."""


def start_draft(
    *,
    by: User,
    crisis: Crisis | None = None,
    title: str = "",
    is_drill: bool = False,
    pieces: list[Piece] | None = None,
    alert: dict[str, Any] | None = None,
) -> AreaDraft:
    """Begin an area, for a crisis or for one yet to be opened. Raises Refused, InvalidArea."""
    if crisis is not None:
        must_be_open(crisis)
    check_amount(pieces or [])
    AreaDraft.objects.filter(changed_at__lt=timezone.now() - DRAFTS_KEPT).delete()
    return AreaDraft.objects.create(
        crisis=crisis,
        title=title.strip()[:120],
        is_drill=crisis.is_drill if crisis else is_drill,
        pieces=pieces or [],
        alert=alert or {},
        made_by=by,
    )


@transaction.atomic
def add_pieces(*, draft: AreaDraft, pieces: list[Piece], by: User) -> AreaDraft:
    """Put pieces after the others; one that is the last already is there once.

    Raises InvalidArea where they make no area.
    """
    kept = _locked(draft.pk, by)
    last = [essence(piece) for piece in kept.pieces[-len(pieces) :]]
    if pieces and last == [essence(piece) for piece in pieces]:
        return kept
    return _keep(kept, [*kept.pieces, *pieces])


@transaction.atomic
def remove_piece(*, draft: AreaDraft, piece_id: str, by: User) -> AreaDraft:
    """Take a piece out; one that is gone already stays gone."""
    kept = _locked(draft.pk, by)
    return _keep(kept, [piece for piece in kept.pieces if piece["id"] != piece_id], checked=False)


@transaction.atomic
def set_pieces(
    *, draft: AreaDraft, pieces: list[Piece], by: User, version: int | None = None
) -> AreaDraft:
    """Replace all pieces by those drawn. Raises InvalidArea; Overtaken where `version` is old."""
    kept = _locked(draft.pk, by)
    _must_be_newest(kept, version)
    return _keep(kept, pieces)


@transaction.atomic
def use_draft(
    *,
    draft: AreaDraft,
    label: str,
    by: User,
    version: int,
    title: str = "",
    is_drill: bool = False,
    is_another: bool = False,
) -> Crisis:
    """Open the crisis with this area, or give it to the crisis it was begun for.

    Used once more, from another tab or after a lost answer, it is the same crisis and area.

    Raises Refused, OpenAlready (see open_crisis), InvalidArea, Overtaken where the area is no
    longer what `version` showed.
    """
    kept = _locked(draft.pk, by)
    _must_be_newest(kept, version)
    area = kept.area
    if kept.crisis is not None and kept.crisis.is_open and _is_used(kept.crisis, area, label):
        return kept.crisis
    if kept.crisis is not None:
        affected: AffectedArea = set_area(
            crisis=kept.crisis,
            area=area,
            label=label,
            source=_source_of(kept),
            alert=kept.alert,
            by=by,
        )
        return affected.crisis
    crisis = open_crisis(
        title=title,
        # What began with an alert that was not issued in earnest stays an exercise.
        is_drill=is_drill or (bool(kept.alert) and kept.is_drill),
        is_another=is_another,
        area=area,
        label=label,
        source=_source_of(kept),
        alert=kept.alert,
        by=by,
    )
    # From here on it belongs to what it opened: however often it is used, no second one is opened.
    kept.crisis, kept.is_drill = crisis, crisis.is_drill
    kept.save(update_fields=["crisis", "is_drill"])
    return crisis


def _is_used(crisis: Crisis, area: Area, label: str) -> bool:
    newest = crisis.areas.order_by("-created_at").first()
    named = label.strip()[:200] or crisis.title
    return newest is not None and (newest.digest, newest.label) == (area.digest, named)


def _locked(pk: UUID, by: User) -> AreaDraft:
    """Their own draft, and nobody else's. Raises AreaDraft.DoesNotExist."""
    return AreaDraft.objects.select_for_update().get(pk=pk, made_by=by)


def _keep(draft: AreaDraft, pieces: list[Piece], *, checked: bool = True) -> AreaDraft:
    check_amount(pieces)
    draft.pieces = pieces
    if pieces and checked:
        draft.area  # noqa: B018  # Raises where they make none.
    draft.version += 1
    draft.changed_at = timezone.now()
    draft.save(update_fields=["pieces", "version", "changed_at"])
    return draft


def _must_be_newest(draft: AreaDraft, version: int | None) -> None:
    if version is not None and version != draft.version:
        raise Overtaken(
            _("This area was changed in another tab or window. Look at it as it is now.")
        )


def _source_of(draft: AreaDraft) -> AreaSource:
    return AreaSource.FILE if draft.alert else AreaSource.DRAWN
