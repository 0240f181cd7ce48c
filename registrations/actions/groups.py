"""Groups: made by a proved organiser, given another link, closed, and erased with what is left."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.drafts import lock_draft
from registrations.actions.erasing import erase_person
from registrations.answers import OPEN_END, Answers, StayAnswer, stay_to_json
from registrations.days import EARLIEST
from registrations.enums import REPORTED, UploadState
from registrations.groups.organising import proved_indexes
from registrations.limits import take_turn
from registrations.models import Group, Invitation, Person, Report, Stay, Upload
from registrations.retention import first_kept_day, held_back

_DAY = 24 * 3600
_YEAR = dt.timedelta(days=365)
# A closed group is nobody's: no address has this index.
NOBODY = bytes(32)


class TooManyGroups(Exception):
    """This organiser has registered enough groups for a day."""


@transaction.atomic
def register_group(*, draft_id: UUID, by: Actor) -> Group | None:
    """Make a group of what an organiser typed and proved; the draft keeps their address alone.

    None when something is missing, or when it was sent before. Raises DraftGone, TooManyGroups.
    """
    draft, answers = lock_draft(draft_id)
    indexes = proved_indexes(answers)
    if not indexes or not (answers.group_name and answers.group_kind and answers.stays):
        return None
    allowed = settings.REGISTRATION_LIMITS["groups_per_organiser_day"]
    if not take_turn("groups", indexes[0].hex(), limit=allowed, seconds=_DAY):
        raise TooManyGroups
    group = Group.objects.create(
        kind=answers.group_kind,
        name=answers.group_name,
        organiser_name=answers.name,
        organiser_mail=answers.proved[0].address,
        organiser_index=indexes[0],
        language=answers.language,
        stays=[stay_to_json(replace(stay, key="")) for stay in answers.stays],
        ends_on=_last_day(answers.stays),
    )
    kept = Answers(language=answers.language, contacts=answers.contacts)
    draft.answers = kept.to_json()
    draft.save(update_fields=["answers"])
    _record("group.register", group.pk, by)
    return group


@transaction.atomic
def renew_link(*, group_id: UUID, by: Actor) -> None:
    """Make the group's former link worthless."""
    Group.objects.filter(pk=group_id).update(link_version=F("link_version") + 1)
    _record("group.renew_link", group_id, by)


@transaction.atomic
def close_group(*, group_id: UUID, by: Actor) -> None:
    """End a group at once: it is nobody's, its link is dead and its lists are erased.

    What is left of it is erased soon after, by erase_group_leftovers().
    """
    Upload.objects.filter(group_id=group_id).delete()
    Group.objects.filter(pk=group_id).update(
        organiser_index=NOBODY, link_version=F("link_version") + 1, ends_on=EARLIEST
    )
    journal("group.closed", row_id=group_id)
    _record("group.close", group_id, by)


def erase_group_leftovers(*, by: Actor, now: dt.datetime | None = None, batch: int = 100) -> int:
    """Erase groups that are over, with the reports nobody answered; return how many groups.

    Registrations are their people's own, and stay; whom an open crisis touches stays until it is
    closed, and the group with them. Lists that were not taken in time, and invitations that need
    not be remembered, go as well.
    """
    moment = now or timezone.now()
    over = Group.objects.filter(ends_on__lt=first_kept_day(moment))
    count = 0
    for group_id in list(over.order_by("ends_on", "pk").values_list("pk", flat=True)):
        if not _erase_unanswered(group_id, by, batch):
            continue
        with transaction.atomic():
            erased, _each = Group.objects.filter(pk=group_id).delete()
            if erased:
                _record("group.erase", group_id, by, purpose=Purpose.MAINTENANCE)
                count += 1
    Upload.objects.filter(expires_at__lte=moment).exclude(state=UploadState.TAKING).delete()
    Invitation.objects.filter(keep_until__lt=moment.date()).delete()
    return count


def _erase_unanswered(group_id: UUID, by: Actor, batch: int) -> bool:
    """Erase the reports of a group that nobody answered, in batches; whether none is left."""
    is_empty = True
    after: UUID | None = None
    while people := list(_unanswered(group_id, after)[:batch]):
        after = people[-1]
        with transaction.atomic():
            stays = list(Stay.objects.filter(person_id__in=people).order_by("pk"))
            held = held_back(stays)
            kept = {stay.person_id for stay in stays if stay.pk in held}
            for person_id in people:
                if person_id not in kept:
                    erase_person(person_id=person_id, by=by, purpose=Purpose.MAINTENANCE)
        is_empty = is_empty and not kept
    return is_empty


def _unanswered(group_id: UUID, after: UUID | None) -> QuerySet[Person, UUID]:
    """People of whom only this group has spoken, and who have not answered."""
    reports = Report.objects.filter(person_id=OuterRef("pk"))
    people = Person.objects.filter(
        Exists(reports.filter(group_id=group_id)),
        ~Exists(reports.exclude(group_id=group_id, agreed_at__isnull=True)),
        # What was merged into them was said by others, and has its own time.
        ~Exists(Person.objects.filter(merged_into=OuterRef("pk"))),
        source__in=REPORTED,
        merged_into__isnull=True,
    )
    if after is not None:
        people = people.filter(pk__gt=after)
    return people.order_by("pk").values_list("pk", flat=True)


def _last_day(stays: tuple[StayAnswer, ...]) -> dt.date:
    """A group whose journey has no end is kept for a year."""
    last = max(stay.ends_on for stay in stays)
    return timezone.now().date() + _YEAR if last == OPEN_END else last


def _record(
    action: str, group_id: UUID, by: Actor, *, purpose: Purpose = Purpose.REGISTRATION
) -> None:
    record(
        action=action,
        by=by,
        purpose=purpose,
        object_type="registrations.group",
        object_id=group_id,
    )
