"""The draft of a country's next version: one for each country, shared by the post's officers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from advisories.actions.recording import record_advice
from advisories.actions.refusals import moved_on, must_act_in
from advisories.content import digest_of
from advisories.enums import AdviceState
from advisories.models import Advice, AdviceText, EmergencyNumber


@dataclass(frozen=True, slots=True)
class AdviceContent:
    """All that a version says. `texts` by language, `numbers` as (kind, number as dialled)."""

    level: int
    is_urgent: bool
    review_on: dt.date
    texts: Mapping[str, Mapping[str, str]]
    numbers: Sequence[tuple[str, str]] = field(default=())


@transaction.atomic
def write_advice(
    *, country: str, content: AdviceContent, by: User, seen_digest: str | None = None
) -> Advice:
    """Save the draft of the country's next version. Raises Refused.

    `seen_digest` is that of the draft which the form was filled in from ("" where there was
    none): a colleague's words are never overwritten unseen.
    """
    must_act_in(by, country)
    draft = Advice.objects.drafts().for_country(country).select_for_update().first()
    if seen_digest is not None and seen_digest != (digest_of(draft) if draft else ""):
        raise moved_on()
    draft = draft or Advice(country=country, version=_next_version(country))
    draft.level = content.level
    draft.is_urgent = content.is_urgent
    draft.review_on = content.review_on
    draft.written_by = by
    draft.written_at = timezone.now()
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:  # Another officer began one in the same moment.
        raise moved_on() from error
    draft.texts.all().delete()
    AdviceText.objects.bulk_create(
        AdviceText(advice=draft, language=language, **words)
        for language, words in content.texts.items()
    )
    draft.numbers.all().delete()
    EmergencyNumber.objects.bulk_create(
        EmergencyNumber(advice=draft, kind=kind, number=number, position=position)
        for position, (kind, number) in enumerate(content.numbers)
    )
    record_advice("advice.write", draft, by=by, languages=sorted(content.texts))
    return draft


@transaction.atomic
def discard_draft(*, country: str, by: User) -> None:
    """Throw the country's draft away; what is published stays. Raises Refused."""
    must_act_in(by, country)
    draft = Advice.objects.drafts().for_country(country).select_for_update().first()
    if draft is None:
        raise moved_on()
    record_advice("advice.discard", draft, by=by)
    draft.delete()


def _next_version(country: str) -> int:
    newest: int | None = (
        Advice.objects.for_country(country)
        .exclude(state=AdviceState.DRAFT)
        .aggregate(newest=Max("version"))["newest"]
    )
    return (newest or 0) + 1
