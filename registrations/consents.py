"""The one question asked wherever data leaves or is counted: does the consent stand now?

And whom a warning may reach without one: people of whom only others spoke, or whose address nobody
has proved, on vital interest (GDPR article 6(1)(d)), and only for a notice of mortal danger that
was approved so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q

from registrations.enums import ConsentPurpose

if TYPE_CHECKING:
    from registrations.querysets import ContactPointQuerySet


def consent_in_force(purpose: ConsentPurpose | str, person: OuterRef | F) -> Exists:
    """A condition: whether a person's consent to a purpose stands at this moment."""
    from registrations.models import Consent

    return Exists(
        Consent.objects.filter(
            person=person, purpose=ConsentPurpose(purpose), withdrawn_at__isnull=True
        )
    )


def consent_taken_back(purpose: ConsentPurpose | str, person: OuterRef | F) -> Q:
    """A condition: whether a person agreed once and does so no more."""
    from registrations.models import Consent

    once = Exists(Consent.objects.filter(person=person, purpose=ConsentPurpose(purpose)))
    return Q(once) & ~Q(consent_in_force(purpose, person))


def points_of_the_unproved() -> ContactPointQuerySet:
    """The addresses at which people may be warned on vital interest alone: none of them proved.

    Never of whoever refused what was said of them or took back being contacted, nor an address
    that belongs to someone who did, or that objected to being listed.
    """
    from registrations.models import ContactPoint, FamilyContact, Report

    person = OuterRef("person_id")
    same_address = ContactPoint.objects.filter(address_index=OuterRef("address_index"))
    return ContactPoint.objects.filter(
        ~Exists(ContactPoint.objects.proved().filter(person=person)),
        ~consent_taken_back(ConsentPurpose.CRISIS_CONTACT, person),
        ~Exists(Report.objects.filter(person=person, refused_at__isnull=False)),
        ~Exists(
            same_address.filter(
                consent_taken_back(ConsentPurpose.CRISIS_CONTACT, OuterRef("person_id"))
            )
        ),
        ~Exists(
            FamilyContact.objects.filter(
                address_index=OuterRef("address_index"), objected_at__isnull=False
            )
        ),
        verified_at__isnull=True,
        replaced_at__isnull=True,
        person__merged_into__isnull=True,
    )
