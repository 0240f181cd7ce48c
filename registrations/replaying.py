"""How what people erased or withdrew is done again in a restored database."""

from __future__ import annotations

from django.apps import apps
from django.utils import timezone

from audit.actors import Actor
from audit.journal import bind_replayer
from audit.journal.replayers import Replayed
from audit.purposes import Purpose
from registrations import actions
from registrations.actions.keys import reindex_person
from registrations.actions.merging import part_merged
from registrations.enums import Source
from registrations.models import ContactPoint, FocalPoint, Group, Invitation, Person

_BY = Actor.system("journal")
_ROWS = {
    "registrations.companion",
    "registrations.contactpoint",
    "registrations.familycontact",
    "registrations.stay",
}
_FACTS = {
    field.name
    for field in Person._meta.get_fields()
    if field.concrete and field.null and not field.is_relation
}


def bind_replayers() -> None:
    bind_replayer("person.erased", _erase_person)
    bind_replayer("row.erased", _erase_row)
    bind_replayer("fact.erased", _erase_fact)
    bind_replayer("consent.withdrawn", _withdraw_consent)
    bind_replayer("reminders.stopped", _stop_reminders)
    bind_replayer("reminders.resumed", _resume_reminders)
    bind_replayer("relaying.stopped", _stop_relaying)
    bind_replayer("family.objected", _object)
    bind_replayer("invitation.refused", _refuse)
    bind_replayer("group.left", _leave_group)
    bind_replayer("group.closed", _close_group)


def _erase_person(line: Replayed) -> bool:
    """This one alone: each of those who were one person then has a line, and who was parted from
    them since the backup has none."""
    part_merged(person_id=line.person, by=_BY)
    return actions.erase_person(person_id=line.person, by=_BY, purpose=Purpose(line.code))


def _erase_row(line: Replayed) -> bool:
    """Whichever row it is: what asks before erasing was asked when it was erased first."""
    if line.model not in _ROWS:
        return False
    if line.model == ContactPoint._meta.label_lower:
        point = ContactPoint.objects.select_related("person").filter(pk=line.row).first()
        if point is not None and _is_last_way(point):
            return _keep_unproved(point)
    rows = apps.get_model(line.model)._default_manager.filter(pk=line.row)
    erased = bool(rows.delete()[0])
    if erased and line.person_id is not None:
        reindex_person(person_id=line.person_id)
    return erased


def _is_last_way(point: ContactPoint) -> bool:
    """Whether a person could be warned nowhere without it: the address that took its place was
    given since the backup, and is lost. One that its reader disowned was never proved."""
    is_own = point.verified_at is not None or point.person.source == Source.SELF
    others = ContactPoint.objects.proved().filter(person_id=point.person_id, replaced_at=None)
    return is_own and point.replaced_at is None and not others.exclude(pk=point.pk).exists()


def _keep_unproved(point: ContactPoint) -> bool:
    """It signs nobody in and takes no news: mortal danger alone is told there."""
    kept = ContactPoint.objects.filter(pk=point.pk, verified_at__isnull=False)
    changed = bool(kept.update(verified_at=None))
    if changed:
        reindex_person(person_id=point.person_id)
    return changed


def _erase_fact(line: Replayed) -> bool:
    person = Person.objects.filter(pk=line.person).first()
    if person is None or line.code not in _FACTS or getattr(person, line.code) is None:
        return False
    setattr(person, line.code, None)
    person.save(update_fields=[line.code])
    reindex_person(person_id=person.pk)
    return True


def _withdraw_consent(line: Replayed) -> bool:
    if not Person.objects.filter(pk=line.person).exists():
        return False
    return actions.withdraw_consent(person_id=line.person, purpose=line.code, by=_BY)


def _stop_reminders(line: Replayed) -> bool:
    return actions.stop_reminders(person_id=line.person, by=_BY)


def _resume_reminders(line: Replayed) -> bool:
    return actions.resume_reminders(person_id=line.person, by=_BY)


def _stop_relaying(line: Replayed) -> bool:
    return bool(FocalPoint.objects.filter(person_id=line.person).delete()[0])


def _object(line: Replayed) -> bool:
    return actions.object_to_listing(contact_id=line.row, by=_BY)


def _refuse(line: Replayed) -> bool:
    standing = Invitation.objects.filter(pk=line.row, refused_at__isnull=True)
    return bool(standing.update(refused_at=timezone.now(), contact_point=None))


def _leave_group(line: Replayed) -> bool:
    if not Person.objects.filter(pk=line.person).exists():
        return False
    return actions.leave_group(person_id=line.person, by=_BY)


def _close_group(line: Replayed) -> bool:
    if not Group.objects.filter(pk=line.row).exists():
        return False
    actions.close_group(group_id=line.row, by=_BY)
    return True
