"""What registrations erase each night, step by step; the floors above bind steps of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from registrations.actions.drafts import erase_some_drafts
from registrations.actions.groups import erase_group_leftovers
from registrations.actions.leftovers import (
    erase_messages,
    erase_orphaned_deliveries,
    erase_silent_people,
)
from registrations.actions.reminding import end_unanswered
from registrations.actions.retention import ended_in_batches
from registrations.actions.telling import erase_replaced
from registrations.retention_steps import Counts, bind_step
from registrations.sessions import end_visits_of_nobody


def bind_steps() -> None:
    bind_step("drafts", drafts, title=_("Drafts and codes"), order=10)
    bind_step("unanswered", unanswered, title=_("Stays nobody confirmed"), order=20)
    bind_step("stays", stays, title=_("Stays that are over"), order=30)
    bind_step("people", people, title=_("People without a stay"), order=40)
    bind_step("groups", groups, title=_("Groups that are over"), order=50)
    bind_step("replaced", replaced, title=_("Replaced addresses"), order=50)
    bind_step("deliveries", deliveries, title=_("Messages to nobody"), order=80)
    bind_step("messages", messages, title=_("Messages about what is gone"), order=90)
    bind_step("visits", visits, title=_("Visits to what is gone"), order=90)


def drafts(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    while erased := erase_some_drafts():
        yield {"erased_drafts": erased}


def unanswered(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    yield {"ended_stays": end_unanswered(by=by, now=now)}


def stays(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    for done in ended_in_batches(by=by, now=now):
        yield {
            "erased_stays": done.stays,
            "erased_people": done.people,
            "kept_open_crisis": done.held,
        }


def people(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    for is_erased in erase_silent_people(by=by, now=now):
        yield {"erased_people": int(is_erased), "kept_open_crisis": int(not is_erased)}


def groups(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    yield {"erased_groups": erase_group_leftovers(by=by, now=now)}


def replaced(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    yield {"erased_addresses": erase_replaced(by=by, now=now)}


def deliveries(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    for found in erase_orphaned_deliveries():
        yield {"erased_deliveries": found}


def messages(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    yield {"erased_messages": erase_messages(now)}


def visits(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    yield {"erased_visits": end_visits_of_nobody()}
