"""Writing to an audience, and asking for approval."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crises.actions.counting import WINDOW, check_audience, preview_audience
from crises.actions.recording import record_notice
from crises.actions.refusals import (
    Refused,
    moved_on,
    must_be_author,
    must_be_in_time,
    must_be_open,
    must_lead,
)
from crises.calm import calm_count
from crises.enums import (
    DEFAULT_CLASSES,
    EDITABLE,
    Certainty,
    NoticeKind,
    NoticeState,
    Severity,
    Urgency,
)
from crises.models import AffectedArea, Crisis, Notice, NoticeText
from crises.sms_costs import sms_shares
from crises.texts import check_words

WORDS_LIMIT = {"subject": 90, "body": 4000, "sms": 300}


@transaction.atomic
def start_notice(
    *,
    crisis: Crisis,
    area: AffectedArea,
    by: User,
    window_start: datetime | None = None,
    window_end: datetime | None = None,
    classes: Collection[str] = DEFAULT_CLASSES,
    kind: NoticeKind | str = NoticeKind.NOTICE,
) -> Notice:
    """Begin a notice to an audience, or give the author's unfinished one this audience."""
    crisis = Crisis.objects.select_for_update().get(pk=crisis.pk)
    must_be_open(crisis)
    must_lead(by, crisis.countries)
    window_start = window_start or timezone.now()
    window_end = window_end or window_start + WINDOW
    check_audience(crisis, area, window_start, window_end, classes)
    newest = crisis.notices.aggregate(newest=Max("version"))["newest"] or 0
    chosen = {
        "kind": NoticeKind(kind),
        "area": area,
        "window_start": window_start,
        "window_end": window_end,
        "classes": sorted(classes),
    }
    unfinished = crisis.notices.filter(version=newest, author=by, state__in=sorted(EDITABLE))
    # Locked: what is being submitted meanwhile keeps the audience that it was counted with.
    notice = unfinished.select_for_update().first()
    if notice is not None:
        for name, value in chosen.items():
            setattr(notice, name, value)
        notice.save(update_fields=list(chosen))
    else:
        facts = area.alert
        notice = Notice.objects.create(
            crisis=crisis,
            version=newest + 1,
            author=by,
            urgency=_word(facts.get("urgency"), Urgency.values),
            severity=_word(facts.get("severity"), Severity.values),
            certainty=_word(facts.get("certainty"), Certainty.values),
            **chosen,
        )
    details = {"version": notice.version, "kind": str(notice.kind)}
    record_notice("notice.start", notice, by=by, details=details)
    return notice


@transaction.atomic
def write_notice(
    *,
    notice: Notice,
    urgency: str,
    severity: str,
    certainty: str,
    expires_at: datetime,
    texts: Mapping[str, Mapping[str, str]],
    by: User,
) -> Notice:
    """Set facts and words: `texts` maps a language to subject, body and sms. Raises Refused."""
    notice = _lock(notice)
    must_be_open(notice.crisis)
    must_be_author(notice, by)
    if notice.state not in EDITABLE:
        raise moved_on()
    if expires_at <= timezone.now():
        raise Refused(_("The notice must expire in the future."))
    if not texts:
        raise Refused(_("Write the message in at least one language."))
    for language, words in texts.items():
        _check_words(language, words)
    notice.urgency = Urgency(urgency)
    notice.severity = Severity(severity)
    notice.certainty = Certainty(certainty)
    notice.expires_at = expires_at
    notice.state = NoticeState.DRAFT
    notice.save(update_fields=["urgency", "severity", "certainty", "expires_at", "state"])
    notice.texts.all().delete()
    NoticeText.objects.bulk_create(
        NoticeText(
            notice=notice,
            language=language,
            subject=" ".join(words["subject"].split()),
            body=words["body"].strip(),
            sms=words["sms"].strip(),
        )
        for language, words in texts.items()
    )
    record_notice("notice.write", notice, by=by, details={"languages": sorted(texts)})
    return notice


@transaction.atomic
def submit_notice(*, notice: Notice, by: User) -> Notice:
    """Ask another officer for approval, with a fresh count of the audience. Raises Refused."""
    notice = _lock(notice)
    must_be_open(notice.crisis)
    must_lead(by, notice.crisis.countries)
    must_be_author(notice, by)
    if notice.state not in EDITABLE:
        raise moved_on()
    must_be_in_time(notice)
    if not notice.texts.exists():
        raise Refused(_("Write the message in at least one language."))
    found = preview_audience(
        crisis=notice.crisis,
        area=notice.area,
        window_start=notice.window_start,
        window_end=notice.window_end,
        classes=notice.classes,
        kind=notice.kind,
        by=by,
    )
    people, reported = found.people, found.reported_people
    if notice.crisis.is_drill:
        # No exercise is a way to learn of a few people: it shows what a calm count says, and is not
        # refused where nobody is, since that would tell it.
        people, reported = calm_count(notice.area.area, countries=by.countries).people, 0
    if not found.messages and not notice.crisis.is_drill:
        raise Refused(_("Nobody would be written to. Change the area, the dates or the classes."))
    now = timezone.now()
    moved = Notice.objects.filter(pk=notice.pk, state__in=sorted(EDITABLE)).update(
        state=NoticeState.SUBMITTED,
        submitted_at=now,
        returned_reason="",
        previewed_count=found.messages,
        previewed_people=people,
        previewed_at=now,
        sms_shares=None if notice.crisis.is_drill else sms_shares(found),
        reported_people=reported,
        reported_messages=found.reported_messages if reported else 0,
        area_digest=notice.area.digest,
        content_digest=notice.digest_of_content(),
        approved_count=None,
    )
    if not moved:
        raise moved_on()
    notice.refresh_from_db()
    record_notice(
        "notice.submit", notice, by=by, details={"messages": found.messages, "people": found.people}
    )
    return notice


@transaction.atomic
def withdraw_notice(*, notice: Notice, by: User) -> Notice:
    """Take back what nobody has decided yet, to change it."""
    must_be_author(notice, by)
    moved = Notice.objects.filter(pk=notice.pk, author=by, state=NoticeState.SUBMITTED).update(
        state=NoticeState.DRAFT
    )
    if not moved:
        raise moved_on()
    notice.refresh_from_db()
    record_notice("notice.withdraw", notice, by=by, details={})
    return notice


def _check_words(language: str, words: Mapping[str, str]) -> None:
    known = dict(settings.LANGUAGES)
    if language not in known:
        raise Refused(_("The portal does not know this language."))
    for name, most in WORDS_LIMIT.items():
        if not words[name].strip():
            raise Refused(_("%(language)s: something is missing.") % {"language": known[language]})
        if len(words[name]) > most:
            raise Refused(
                _("%(language)s: a text is longer than %(most)d characters.")
                % {"language": known[language], "most": most}
            )
    try:
        check_words(*words.values())
    except ValidationError as error:
        raise Refused(f"{known[language]}: {' '.join(error.messages)}") from error


def _lock(notice: Notice) -> Notice:
    return (
        Notice.objects.select_for_update(of=("self",))
        .select_related("crisis", "area")
        .get(pk=notice.pk)
    )


def _word(value: object, allowed: list[str]) -> str:
    return value if isinstance(value, str) and value in allowed else "Unknown"
