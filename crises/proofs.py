"""The message that proves an address given in a crisis: its text, its recipients, its link.

Following the link signs nobody in: it only lets later notices be sent there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import override

from crises.models import Crisis, Submission
from crises.telephones import posts_of
from notifications.links import delivery_id_from
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from notifications.templates import TextOf
from privacy.fields import open_value
from registrations.consents import consent_in_force
from registrations.enums import ConsentPurpose
from registrations.models import ContactPoint

PURPOSE = "crisis_proof"
PATH = "/p/"
_NO_BRACES = str.maketrans("{}", "()")


class ProofSource:
    """The addresses to prove. One that was proved meanwhile, or is no longer wanted, gets none."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        answer: dict[UUID, Opened | Withheld] = {pk: Withheld("erased") for pk in recipient_ids}
        points = ContactPoint.objects.filter(pk__in=recipient_ids).annotate(
            agreed=consent_in_force(ConsentPurpose.CRISIS_CONTACT, OuterRef("person_id"))
        )
        sealed: Any  # values_list gives what the column holds, not what the field opens.
        for pk, person_id, sealed, verified_at, has_agreed, language in points.values_list(
            "pk", "person_id", "address", "verified_at", "agreed", "person__language"
        ):
            if not has_agreed:
                answer[pk] = Withheld("no_consent")
            elif verified_at is not None:
                answer[pk] = Withheld("proved")
            else:
                address = open_value(ContactPoint, "address", sealed, pk=pk, owner=person_id)
                answer[pk] = Opened(address=address, language=language)
        return answer


@dataclass(frozen=True, slots=True)
class ProofLink:
    """An address that its reader may prove, and nothing else about them."""

    contact_point_id: UUID
    person_id: UUID
    language: str
    crisis: Crisis

    @property
    def has_expired(self) -> bool:
        return self.crisis.links_have_expired

    def contact_point(self) -> ContactPoint | None:
        """None once somebody said that the address is another's, gave it up, or was erased.

        Nor after a merge: anybody may register anybody's name in a crisis, and to prove an
        address of the registration that was kept would sign its reader in there.
        """
        points = ContactPoint.objects.filter(person_id=self.person_id, replaced_at__isnull=True)
        return points.filter(pk=self.contact_point_id).first()


def follow_proof(token: str) -> ProofLink | None:
    """What a token leads to, or None for a token that we did not make. Writes nothing."""
    delivery_id = delivery_id_from(token)
    if delivery_id is None:
        return None
    row = (
        Delivery.objects.filter(pk=delivery_id, message__purpose=PURPOSE)
        .values_list("recipient_id", "subject_id", "language", "message__context_id")
        .first()
    )
    if row is None:
        return None
    recipient_id, person_id, language, submission_id = row
    if person_id is None or submission_id is None:
        return None
    submission = Submission.objects.filter(pk=submission_id).select_related("crisis__post").first()
    if submission is None:
        return None
    return ProofLink(recipient_id, person_id, language, submission.crisis)


def proof_text(crisis: Crisis, language: str) -> TextOf:
    """It names no one, for the address may be a stranger's."""
    posts = posts_of(crisis)
    title = crisis.title.translate(_NO_BRACES)
    with override(language):
        state = settings.STATE_NAMES.get(language, settings.STATE_NAME).translate(_NO_BRACES)
        numbers = [
            _("%(post)s, day and night: %(telephone)s")
            % {"post": post.name.translate(_NO_BRACES), "telephone": post.telephone_24h}
            for post in posts
        ]
        body = [
            title,
            _("Someone registered in this crisis with this address. If it was you, confirm here:")
            + "\n{link}",
            _("We can write to you only once you have confirmed it."),
            _("If it was not you, say so on the same page, or do nothing."),
            "\n".join(numbers),
            state,
        ]
        sms = [
            _("Confirm that this number is yours (%(state)s):") % {"state": state} + " {link}",
            _("Day and night: %(telephone)s") % {"telephone": posts[0].telephone_24h}
            if posts
            else "",
        ]
        return TextOf(
            language=language,
            subject=_("Confirm your address"),
            body="\n\n".join(part for part in body if part),
            sms="\n".join(part for part in sms if part),
        )
