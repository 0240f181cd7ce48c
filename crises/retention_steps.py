"""What crises erase each night: those whose purge date has come, and what a race left behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from crises.actions.purging import erase_orphans, purge_one_by_one
from crises.confirming import PURPOSE as CONFIRMATION
from crises.models import REPLIES_KEPT, AlertImport, AreaDraft, IncomingReply
from crises.models.drafts import DRAFTS_KEPT
from notifications.models import Message
from registrations.retention_steps import Counts, bind_step


def bind_steps() -> None:
    bind_step("crises", crises, title=_("Crises whose time is over"), order=60)
    bind_step("orphans", orphans, title=_("Answers of nobody"), order=70)
    bind_step("area_drafts", area_drafts, title=_("Areas begun and never used"), order=70)
    bind_step("replies", replies, title=_("Answers that came as a text"), order=70)
    bind_step("alerts", alerts, title=_("Alert files that were looked at"), order=70)


def crises(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    for erased in purge_one_by_one(by=by, today=now.date()):
        yield {"erased_crises": 1} | {f"erased_{name}": count for name, count in erased.items()}


def orphans(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    for done in erase_orphans():
        yield {f"erased_{name}": count for name, count in done.erased.items()} | {
            "kept_help_requests": len(done.kept)
        }


def alerts(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    old = AlertImport.objects.filter(imported_at__lt=timezone.now() - DRAFTS_KEPT)
    yield {"erased_alert_files": old.delete()[0]}


def area_drafts(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    old = AreaDraft.objects.filter(changed_at__lt=timezone.now() - DRAFTS_KEPT)
    yield {"erased_area_drafts": old.delete()[0]}


def replies(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    before = timezone.now() - REPLIES_KEPT
    Message.objects.filter(purpose=CONFIRMATION, created_at__lt=before).delete()
    yield {"erased_replies": IncomingReply.objects.filter(received_at__lt=before).delete()[0]}
