"""The second officer's part: publishing what another wrote, and finding that it still holds."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from advisories.actions.announcing import announce_urgent
from advisories.actions.recording import record_advice
from advisories.actions.refusals import Refused, moved_on, must_act_in
from advisories.content import digest_of
from advisories.enums import ADVICE_TRANSITIONS, AdviceState
from advisories.models import Advice


@transaction.atomic
def publish_advice(*, country: str, by: User, seen_digest: str = "") -> Advice:
    """Publish what another officer wrote; the version before it is superseded. Raises Refused.

    `seen_digest` is that of the page which the officer read. An urgent change is told at once, in
    this transaction; any other waits for the digest of the day.
    """
    must_act_in(by, country)
    draft = Advice.objects.drafts().for_country(country).select_for_update().first()
    if draft is None:
        raise moved_on()
    if draft.written_by_id == by.pk:
        raise Refused(_("You wrote this page: another officer must publish it."))
    if seen_digest and seen_digest != digest_of(draft):
        raise Refused(_("The page has been changed since you opened it. Read it again."))
    if not draft.texts.exists():
        raise Refused(_("Write the page in at least one language."))
    now = timezone.now()
    _move(
        Advice.objects.for_country(country),
        AdviceState.SUPERSEDED,
        superseded_at=now,
    )
    published = _move(
        Advice.objects.filter(pk=draft.pk).exclude(written_by=by),
        AdviceState.PUBLISHED,
        published_by=by,
        published_at=now,
        checked_on=now.date(),
    )
    if not published:
        raise moved_on()
    draft.refresh_from_db()
    record_advice("advice.publish", draft, by=by, writer=draft.written_by_id)
    if draft.is_urgent:
        announce_urgent(advice=draft, by=by)
    return draft


@transaction.atomic
def confirm_advice(*, country: str, review_on: dt.date, by: User) -> Advice:
    """Say that every word of the published page still holds. Raises Refused."""
    must_act_in(by, country)
    today = timezone.now().date()
    if review_on <= today:
        raise Refused(_("Choose a coming day on which to check the page again."))
    confirmed = (
        Advice.objects.published()
        .for_country(country)
        .update(checked_on=today, review_on=review_on)
    )
    if not confirmed:
        raise moved_on()
    advice = Advice.objects.published().get(country=country)
    record_advice("advice.confirm", advice, by=by, review_on=review_on)
    return advice


def _move(rows: object, to: AdviceState, **changes: object) -> int:
    """Move those of the rows that may come to this state; return how many did."""
    sources = [before for before, after in ADVICE_TRANSITIONS.items() if to in after]
    moved: int = rows.filter(state__in=sources).update(state=to, **changes)  # type: ignore[attr-defined]
    return moved
