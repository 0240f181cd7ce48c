"""A person's registration, read for themselves or by an officer, and noted in the ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from geography.labels import label_place
from notifications.channels.installed import describe_address
from registrations.consent_texts import current_text
from registrations.enums import (
    TYPED_CHANNELS,
    CompanionConsent,
    ConsentPurpose,
    Gender,
    Source,
    StayKind,
    TravelPurpose,
)
from registrations.models import Companion, ContactPoint, FocalPoint, Person, Report, Stay
from registrations.people_standing import provenance_of, shells_of
from registrations.summary import channel_label, describe_day, describe_days
from registrations.whereabouts import place_of

Row = dict[str, Any]

# Who said it, to the person of whom it was said.
_TOLD_BY = {
    Source.SELF: gettext_lazy("You"),
    Source.CRISIS: gettext_lazy("You, during a crisis"),
    Source.COMPANION: gettext_lazy("Someone you travel with"),
    Source.GROUP: gettext_lazy("A group you belong to"),
    Source.RELATIVE: gettext_lazy("A relative of yours"),
}


def read_own(*, person_id: UUID, by: Actor) -> dict[str, Any]:
    """Everything kept about a person, for that person. Raises Person.DoesNotExist."""
    return read_person(person_id=person_id, purpose=Purpose.RIGHTS, by=by)


@transaction.atomic
def read_person(
    *,
    person_id: UUID,
    purpose: Purpose,
    by: Actor | User,
    countries: Collection[str] | None = None,
    details: dict[str, object] | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Everything kept about a person, as sections of rows, and the consents that stand.

    With `countries` (ISO 3166) stays elsewhere stay hidden. `details` are codes that go into the
    ledger, `note` is the reason in words, sealed there. Needs are for a crisis alone, and what only
    statistics use for the person alone. Raises Person.DoesNotExist.
    """
    person = Person.objects.select_related("group").get(pk=person_id)
    record(
        action="person.read",
        by=by,
        purpose=purpose,
        subjects=[person_id],
        object_type="registrations.person",
        details=details,
        note=note,
    )
    stays = person.stays.select_related("place").order_by("starts_on", "pk")
    if countries is not None:
        stays = stays.filter(country__in=sorted(countries))
    consents = read_consents(person)
    standing = {row["purpose"] for row in consents if row["stands"]}
    is_own = not isinstance(by, User)
    # "Read only to help you in a crisis": an exercise helps nobody.
    shows_needs = ConsentPurpose.NEEDS in standing and (is_own or purpose == Purpose.CRISIS)
    point = FocalPoint.objects.filter(person=person).select_related("place").first()
    family = list(person.family_contacts.order_by("created_at", "pk"))
    return {
        "id": person.pk,
        "reference": person.reference,
        "name": person.name,
        "about": _about(person, show_statistics=is_own and ConsentPurpose.STATISTICS in standing),
        "needs": (person.needs or "") if shows_needs else "",
        "contacts": [
            _contact(contact)
            for contact in person.contact_points.filter(replaced_at=None).order_by("channel", "pk")
        ],
        "saved_stays": list(stays),
        "stays": [_stay(stay) for stay in stays],
        "companions": [_companion(item) for item in person.companions.order_by("created_at", "pk")],
        "family": [
            {
                "id": contact.pk,
                "label": contact.name,
                "lines": [
                    line for line in (contact.relationship, contact.phone, contact.mail) if line
                ],
            }
            for contact in family
            if contact.objected_at is None
        ],
        # Who did not want to be listed is not named: nothing of them is kept.
        "objections": sum(contact.objected_at is not None for contact in family),
        "group": {"name": person.group.name, "kind": person.group.get_kind_display()}
        if person.group
        else None,
        "focal_point": _focal_point(point) if point else [],
        "reports": [_report(report, is_own=is_own) for report in provenance_of(person_id)],
        "consents": consents,
    }


def read_consents(person: Person) -> list[Row]:
    standing = {consent.purpose: consent for consent in person.consents.filter(withdrawn_at=None)}
    rows: list[Row] = []
    for purpose in ConsentPurpose:
        consent = standing.get(purpose.value)
        in_force = current_text(purpose).version
        is_old = consent is not None and consent.text_version != in_force
        rows.append(
            {
                "purpose": purpose.value,
                "label": purpose.label,
                "stands": consent is not None,
                # A newer text asks again, and suspends nothing.
                "is_old": is_old,
                # Asked once for each version, unless they put it off.
                "asks_again": is_old
                and consent is not None
                and consent.declined_version != in_force,
                "text_version": consent.text_version if consent else "",
                "language": consent.language if consent else "",
                "since": describe_day(consent.given_at.date()) if consent else "",
            }
        )
    return rows


def read_merged(person_id: UUID) -> list[Row]:
    """What was merged into a person's registration and still says something of its own, for them.

    Noted by whoever shows it, as a part of the whole.
    """
    return [
        {
            "name": merged.name,
            "reference": merged.reference,
            "about": _about(merged, show_statistics=True),
            "needs": merged.needs or "",
        }
        for merged in Person.objects.filter(pk__in=shells_of(person_id)).order_by("pk")
    ]


def _about(person: Person, *, show_statistics: bool) -> list[Row]:
    born = describe_day(person.birth_date) if person.birth_date else ""
    facts: list[Row] = [
        {
            "label": _("Language of our messages"),
            "value": dict(settings.LANGUAGES).get(person.language, person.language),
        },
        {"label": _("Document number"), "value": person.document_number or ""},
        {"label": _("Date of birth"), "value": born},
    ]
    rows = [row | {"is_statistics": False} for row in facts]
    if show_statistics:
        gender = Gender(person.gender).label if person.gender else ""
        region = person.home_region or ""
        rows += [
            {"label": _("Gender"), "value": gender, "is_statistics": True},
            {"label": _("Region you come from"), "value": region, "is_statistics": True},
        ]
    return rows


def _contact(contact: ContactPoint) -> Row:
    shown = describe_address(contact.channel, contact.address)
    lines = [shown, _how_proved(contact)]
    if not contact.works_abroad:
        lines.append(_("Does not work abroad"))
    if contact.is_undeliverable:
        lines.append(_("Our last message could not be delivered here. Please correct it."))
    return {
        "id": contact.pk,
        "label": channel_label(contact.channel),
        "value": shown,
        "lines": lines,
        "change_label": shown,
    }


def _how_proved(contact: ContactPoint) -> str:
    if contact.channel not in TYPED_CHANNELS:
        return _("Since %(day)s") % {"day": describe_day(contact.created_at.date())}
    return _("Proved with a code") if contact.verified_at else _("Not proved with a code")


def _stay(stay: Stay) -> Row:
    purpose = TravelPurpose(stay.purpose).label if stay.purpose else ""
    kind = {
        StayKind.TRIP: _("Trip"),
        StayKind.RESIDENCE: _("Residence"),
        StayKind.VOYAGE: _("Voyage"),
    }[StayKind(stay.kind)]
    lines = [kind, place_of(stay), purpose, stay.aboard_or_with, stay.exact_address]
    return {
        "id": stay.pk,
        "label": describe_days(stay.starts_on, stay.ends_on),
        "lines": [line for line in lines if line],
    }


def _companion(companion: Companion) -> Row:
    agreed = {
        CompanionConsent.GUARDIAN: _("Under 18; a parent or guardian agreed"),
        CompanionConsent.IN_PERSON: _("Agreed in person"),
        CompanionConsent.INVITED: _("Agreed for themselves")
        if companion.agreed_at
        else _("Was written to, and has not answered yet"),
    }[CompanionConsent(companion.consent)]
    day = describe_day(companion.birth_date) if companion.birth_date else ""
    born = _("Born on %(day)s") % {"day": day} if day else ""
    return {
        "id": companion.pk,
        "label": companion.name,
        "lines": [line for line in (agreed, born) if line],
        "speaks_for_themselves": companion.consent == CompanionConsent.INVITED,
    }


def _focal_point(point: FocalPoint) -> list[Row]:
    return [
        {"label": _("Town"), "value": label_place(point.place)},
        {"label": _("Community"), "value": point.community or ""},
    ]


def _report(report: Report, *, is_own: bool) -> Row:
    source = Source(report.source)
    lines = [describe_day(report.reported_at.date())]
    if report.group:
        lines.append(report.group.name)
    reporter = report.reporter or {}
    lines += [reporter[key] for key in ("name", "relationship", "contact") if reporter.get(key)]
    if report.note:
        lines.append(report.note)
    if report.agreed_at:
        lines.append(_("You agreed to it") if is_own else _("The person agreed to it"))
    elif report.refused_at:
        lines.append(_("You refused it") if is_own else _("The person refused it"))
    return {"label": _TOLD_BY.get(source, source.label) if is_own else source.label, "lines": lines}
