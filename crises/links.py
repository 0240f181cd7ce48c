"""Where the link in a notice leads: a crisis and a person's identifier, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crises.models import Answer, Crisis, Notice, Stopped
from notifications.links import delivery_id_from
from notifications.models import Delivery
from registrations.models import ContactPoint
from registrations.people_standing import shells_of, standing


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """What may be known of who follows it: no name and no contact.

    `person_id` is the registration that stands: one found to be the same person as another's
    counts for that other.
    """

    delivery_id: UUID
    contact_point_id: UUID
    person_id: UUID
    language: str
    notice: Notice

    @property
    def crisis(self) -> Crisis:
        return self.notice.crisis

    @property
    def has_expired(self) -> bool:
        return self.crisis.links_have_expired

    def current_answer(self) -> Answer | None:
        return Answer.objects.current().filter(crisis=self.crisis, person_id=self.person_id).first()

    def is_stopped(self) -> bool:
        people = {self.person_id, *shells_of(self.person_id)}
        return Stopped.objects.filter(crisis=self.crisis, person_id__in=people).exists()

    def is_unproved(self) -> bool:
        """Whether nobody has proved the address it went to: its reader may have it erased."""
        return ContactPoint.objects.filter(
            pk=self.contact_point_id, verified_at__isnull=True
        ).exists()

    def is_erased(self) -> bool:
        """Whether nothing is left of whom, or of the address to which, it was sent."""
        return not ContactPoint.objects.filter(pk=self.contact_point_id).exists()


def leads_to_erased(token: str) -> bool:
    """Whether we made this link, and whom it was sent to is erased."""
    delivery_id = delivery_id_from(token)
    return delivery_id is not None and not Delivery.objects.filter(pk=delivery_id).exists()


def follow(token: str) -> AnswerLink | None:
    """The delivery that a token names, or None for a token that we did not make. Writes nothing."""
    delivery_id = delivery_id_from(token)
    if delivery_id is None:
        return None
    row = (
        Delivery.objects.filter(pk=delivery_id, subject_id__isnull=False)
        .values_list("message_id", "recipient_id", "subject_id", "language")
        .first()
    )
    if row is None:
        return None
    message_id, recipient_id, person_id, language = row
    notice = (
        Notice.objects.filter(message_id=message_id).select_related("crisis__post", "area").first()
    )
    if notice is None or person_id is None:
        return None
    return AnswerLink(delivery_id, recipient_id, standing(person_id), language, notice)
