"""Tells somebody who answered by text what was recorded, once for each answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from crises.models import Answer
from notifications.actions import queue_one
from notifications.enums import Lane
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from notifications.templates import TextOf
from registrations.enums import ConsentPurpose
from registrations.sources import open_contacts

PURPOSE = "crisis_answer"
# Later than that it would only puzzle.
_LIVES = timedelta(hours=1)


class ConfirmationSource:
    """Whoever may be written to in a crisis may be told what they answered."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        return open_contacts(recipient_ids, ConsentPurpose.CRISIS_CONTACT)


def confirm(answer: Answer, sent: Delivery) -> None:
    """Queue it to the address that was written to; it goes ahead of no notice."""
    queue_one(
        purpose=PURPOSE,
        lane=Lane.CRISIS,
        recipient_id=sent.recipient_id,
        subject_id=answer.person_id,
        channel=sent.channel,
        language=sent.language,
        texts=[_text(answer, language) for language, _name in settings.LANGUAGES],
        expires_at=timezone.now() + _LIVES,
    )


def _text(answer: Answer, language: str) -> TextOf:
    with override(language):
        exercise = _("EXERCISE") + ": " if answer.crisis.is_drill else ""
        told = _("We recorded: %(answer)s. To change it, answer again.") % {
            "answer": answer.get_choice_display()
        }
        return TextOf(
            language=language,
            subject=exercise + _("We recorded your answer"),
            body=exercise + told,
            sms=exercise + told,
        )
