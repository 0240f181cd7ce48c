"""Two registrations side by side, as an officer sees them once a reason is in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from audit.ledger import record
from audit.purposes import Purpose
from notifications.channels.installed import describe_address
from notifications.enums import Channel
from registrations.contacts import family_index, point_index
from registrations.duplicates import Pair
from registrations.enums import TYPED_CHANNELS, ConsentPurpose
from registrations.models import ContactPoint, FamilyContact, Person, Report, Stay
from registrations.names import NameWords, normal_document
from registrations.people_standing import provenance_of
from registrations.summary import channel_label, describe_day, describe_days
from registrations.whereabouts import place_of


class Likeness(models.TextChoices):
    SAME = "same", gettext_lazy("Same")
    PARTLY = "partly", gettext_lazy("Partly the same")
    DIFFERENT = "different", gettext_lazy("Different")
    ONE = "one", gettext_lazy("Only in one")
    UNTOLD = "", ""


@dataclass(frozen=True, slots=True)
class Line:
    """What the two say of one thing; `likeness` is told in words, and by colour as well."""

    label: str
    first: list[str]
    second: list[str]
    likeness: Likeness = Likeness.UNTOLD

    @property
    def tone(self) -> str:
        return {
            Likeness.SAME: "success",
            Likeness.PARTLY: "info",
            Likeness.DIFFERENT: "warning",
            Likeness.ONE: "neutral",
            Likeness.UNTOLD: "",
        }[self.likeness]


@transaction.atomic
def compare(*, pair: Pair, purpose: Purpose, note: str, by: User) -> tuple[Person, Person, Any]:
    """Both people and the lines that compare them; read by `by`, which the ledger keeps.

    Stays outside the reader's countries are only counted.
    """
    people = Person.objects.in_bulk([pair.first_id, pair.second_id])
    for person_id in (pair.first_id, pair.second_id):
        # A note is sealed for one person, so each has an entry of their own.
        record(
            action="person.read",
            by=by,
            purpose=purpose,
            subjects=[person_id],
            object_type="registrations.person",
            details={"page": "duplicates"},
            note=note,
        )
    first, second = people[pair.first_id], people[pair.second_id]
    return first, second, list(_lines(first, second, by.countries))


def _lines(first: Person, second: Person, countries: Collection[str] | None) -> Iterable[Line]:
    both = (first, second)
    yield _line(
        _("Name"),
        [[person.name] for person in both],
        [{NameWords.of(person.name).together or person.name.casefold()} for person in both],
        near=[set(NameWords.of(person.name).words) for person in both],
    )
    yield Line(_("Who said it"), [first.get_source_display()], [second.get_source_display()])
    yield Line(_("Registered"), [_moment(first.created_at)], [_moment(second.created_at)])
    yield _line(
        _("Date of birth"),
        [[describe_day(person.birth_date)] if person.birth_date else [] for person in both],
        [{person.birth_date} - {None} for person in both],
    )
    yield _line(
        _("Document number"),
        [[_end_of(person.document_number)] if person.document_number else [] for person in both],
        [{normal_document(person.document_number or "")} - {""} for person in both],
    )
    points = [list(person.contact_points.order_by("channel", "pk")) for person in both]
    yield _line(
        _("Addresses"),
        [[_point(point) for point in held] for held in points],
        [{point_index(point) for point in held} for held in points],
    )
    stays = [
        list(person.stays.select_related("place").order_by("starts_on", "pk")) for person in both
    ]
    yield _line(
        _("Stays"),
        [_stays(held, countries) for held in stays],
        [{(stay.country, stay.starts_on, stay.ends_on) for stay in held} for held in stays],
        near=[{stay.country for stay in held} for held in stays],
    )
    companions = [
        [item.name for item in person.companions.order_by("created_at", "pk")] for person in both
    ]
    yield _line(
        _("Travels with"),
        companions,
        [{NameWords.of(name).together or name for name in names} for names in companions],
    )
    family = [list(person.family_contacts.order_by("created_at", "pk")) for person in both]
    yield _line(
        _("Whom to call at home"),
        [[_relative(item) for item in held] for held in family],
        [{family_index(item) for item in held} - {None} for held in family],
    )
    yield Line(_("Language"), [_language(first)], [_language(second)])
    yield Line(_("Agreed to"), _agreed(first), _agreed(second))
    yield Line(
        _("Medical or mobility needs"),
        [_("Given, and sealed")] if first.needs else [],
        [_("Given, and sealed")] if second.needs else [],
    )
    yield Line(
        _("Where it came from"),
        [_report(report) for report in provenance_of(first.pk)],
        [_report(report) for report in provenance_of(second.pk)],
    )


def _line(
    label: str,
    shown: list[list[str]],
    compared: list[set[Any]],
    *,
    near: list[set[Any]] | None = None,
) -> Line:
    """Alike by `compared`; where that differs, partly alike by what `near` shares."""
    first, second = compared
    if not first and not second:
        likeness = Likeness.UNTOLD
    elif not first or not second:
        likeness = Likeness.ONE
    elif first == second:
        likeness = Likeness.SAME
    elif first & second or (near and near[0] & near[1]):
        likeness = Likeness.PARTLY
    else:
        likeness = Likeness.DIFFERENT
    return Line(label, shown[0], shown[1], likeness)


def _moment(at: Any) -> str:
    return f"{describe_day(at.date())}, {date_format(at, 'H:i')} UTC"


def _language(person: Person) -> str:
    return str(dict(settings.LANGUAGES).get(person.language, person.language))


def _end_of(number: str) -> str:
    """The last three signs: enough to ask the person, too little to use."""
    return f"••••{number[-3:]}"


def mask_address(channel: str, address: str) -> str:
    """Enough of an address to recognise it, and too little to write to it."""
    if channel == Channel.MAIL:
        local, _at, domain = address.rpartition("@")
        return f"{local[:1]}•••@{domain}"
    if channel in TYPED_CHANNELS:
        return f"{address[:4]}•••{address[-2:]}"
    return describe_address(channel, address)


def _point(point: ContactPoint) -> str:
    shown = {
        "channel": channel_label(point.channel),
        "address": mask_address(point.channel, point.address),
    }
    if point.verified_at:
        return _("%(channel)s: %(address)s, proved with a code") % shown
    return _("%(channel)s: %(address)s, not proved") % shown


def _stays(stays: list[Stay], countries: Collection[str] | None) -> list[str]:
    seen = [stay for stay in stays if countries is None or stay.country in countries]
    lines = [f"{place_of(stay)}, {describe_days(stay.starts_on, stay.ends_on)}" for stay in seen]
    elsewhere = len(stays) - len(seen)
    if elsewhere:
        lines.append(
            ngettext(
                "%(number)s stay outside your countries",
                "%(number)s stays outside your countries",
                elsewhere,
            )
            % {"number": elsewhere}
        )
    return lines


def _relative(contact: FamilyContact) -> str:
    if contact.objected_at:
        return _("Someone who did not want to be listed")
    shown = [contact.name or "", contact.relationship or ""]
    if contact.phone:
        shown.append(mask_address(Channel.SMS, contact.phone))
    if contact.mail:
        shown.append(mask_address(Channel.MAIL, contact.mail))
    return ", ".join(part for part in shown if part)


def _agreed(person: Person) -> list[str]:
    standing = set(person.consents.filter(withdrawn_at=None).values_list("purpose", flat=True))
    return [str(purpose.label) for purpose in ConsentPurpose if purpose.value in standing]


def _report(report: Report) -> str:
    reporter = (report.reporter or {}).get("name", "")
    group = report.group.name if report.group else ""
    parts = [describe_day(report.reported_at.date()), report.get_source_display(), group, reporter]
    return ", ".join(str(part) for part in [*parts, report.note or ""] if part)
