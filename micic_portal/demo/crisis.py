"""The demo's prepared crises: one that has been sent and partly answered, one still to be sent."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from accounts.models import User
from audit.actors import Actor
from crises import actions
from crises.enums import (
    AnsweredVia,
    AreaSource,
    Certainty,
    Choice,
    Confidence,
    Match,
    NoticeState,
    Severity,
    Urgency,
)
from crises.models import Crisis, Notice
from micic_portal.demo.crisis_areas import earthquake_area, storm_alert
from micic_portal.demo.officers import TEXTS
from notifications.models import Delivery

SENT_TITLE = "Earthquake near Tokyo"
PREPARED_TITLE = "Tropical storm Vicente"
_CLASSES = [Match.INSIDE, Match.POSSIBLY, Confidence.CONFIRMED, Confidence.STALE]
_SEND_SECONDS = 180


class CrisisNotSent(RuntimeError):
    """The demo's worker does not work."""


def ensure_demo_crises() -> None:
    """Prepare the demo's crises, once; the worker must be running. Interrupted, it goes on.

    Raises CrisisNotSent when the worker does not send within three minutes.
    """
    if not Crisis.objects.filter(title=PREPARED_TITLE).exists():
        _prepare_storm(User.objects.get(email="ana@mexico.example"))
    author = User.objects.get(email="clara@capital.example")
    crisis = Crisis.objects.filter(title=SENT_TITLE).first() or _open_earthquake(author)
    notice = crisis.notices.first() or _write_notice(crisis, author)
    if notice.state == NoticeState.DRAFT:
        notice = actions.submit_notice(notice=notice, by=author)
    if notice.state == NoticeState.SUBMITTED:
        approver = User.objects.get(email="ken@tokyo.example")
        notice = actions.approve_notice(
            notice=notice, seen_digest=notice.content_digest, by=approver
        )
    if not crisis.answers.exists():
        _wait_until_sent(notice)
        _let_some_answer(notice)


def _prepare_storm(author: User) -> None:
    """From a real alert file: everything but the message, which is the newcomer's to write."""
    alert = storm_alert()
    actions.open_crisis(
        title=PREPARED_TITLE,
        is_drill=alert.is_drill,
        area=alert.area(),
        label="Chiapas y Oaxaca, México",
        source=AreaSource.FILE,
        alert=alert.facts(),
        by=author,
    )


def _open_earthquake(by: User) -> Crisis:
    return actions.open_crisis(
        title=SENT_TITLE,
        is_drill=False,
        area=earthquake_area(),
        label="Tokyo, within 120 km",
        source=AreaSource.CIRCLE,
        by=by,
    )


@transaction.atomic
def _write_notice(crisis: Crisis, by: User) -> Notice:
    notice = actions.start_notice(crisis=crisis, area=crisis.areas.get(), classes=_CLASSES, by=by)
    return actions.write_notice(
        notice=notice,
        urgency=Urgency.IMMEDIATE,
        severity=Severity.SEVERE,
        certainty=Certainty.OBSERVED,
        expires_at=timezone.now() + timedelta(days=3),
        texts={
            language: {"subject": subject, "body": body, "sms": sms}
            for language, (subject, body, sms) in TEXTS.items()
        },
        by=by,
    )


def _wait_until_sent(notice: Notice) -> None:
    deadline = time.monotonic() + _SEND_SECONDS
    with tqdm(total=notice.previewed_count, desc="sending", unit=" notices") as progress:
        while time.monotonic() < deadline:
            notice.refresh_from_db()
            deliveries = Delivery.objects.filter(message=notice.message)
            if notice.message_id:
                left = deliveries.unfinished().count()
                progress.update(deliveries.count() - left - progress.n)
                if not left:
                    return
            time.sleep(0.3)
    raise CrisisNotSent("The worker did not send the demo's notice within three minutes.")


def _let_some_answer(notice: Notice) -> None:
    """Six in ten answer, as people do: most are safe, some have left, a few need help."""
    chance = random.Random(11)  # noqa: S311  # invented answers, not secrets
    people = list(
        Delivery.objects.filter(message=notice.message)
        .order_by("subject_id")
        .values_list("subject_id", flat=True)
        .distinct()
    )
    for person_id in people:
        if person_id is None or chance.random() > 0.6:
            continue
        choice = chance.choices([Choice.SAFE, Choice.LEFT, Choice.NEED_HELP], [82, 13, 5])[0]
        actions.answer_for(
            crisis=notice.crisis,
            person_id=person_id,
            choice=choice,
            via=AnsweredVia.LINK,
            by=Actor.traveller(person_id),
        )
