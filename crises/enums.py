"""The words of a crisis (states, CAP's three scales, answers) and what may follow what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registrations.enums import Confidence, Match

__all__ = [
    "ALL_CLASSES",
    "CRISIS_TRANSITIONS",
    "DEFAULT_CLASSES",
    "EDITABLE",
    "NOTICE_TRANSITIONS",
    "SETTLED",
    "UNDER_WAY",
    "AnsweredVia",
    "AreaSource",
    "Certainty",
    "Choice",
    "Confidence",
    "CrisisState",
    "Match",
    "NoticeKind",
    "NoticeState",
    "Operation",
    "PieceKind",
    "ReadingReason",
    "ReplyOutcome",
    "Severity",
    "Unclear",
    "Urgency",
]


class CrisisState(models.TextChoices):
    OPEN = "open", pgettext_lazy("crisis", "Open")
    CLOSED = "closed", pgettext_lazy("crisis", "Closed")


# A closed crisis stays closed: its links have expired and its erasure has a date.
CRISIS_TRANSITIONS: dict[str, frozenset[str]] = {
    CrisisState.OPEN: frozenset({CrisisState.CLOSED}),
    CrisisState.CLOSED: frozenset(),
}


class NoticeKind(models.TextChoices):
    """To whom a notice goes."""

    NOTICE = "notice", _("Everyone registered there")
    RELAY = "relay", _("Focal points there, to pass it on")


class NoticeState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    RETURNED = "returned", _("Returned to the author")
    APPROVED = "approved", _("Approved")
    FROZEN = "frozen", _("Recipients fixed")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    ABORTED = "aborted", _("Aborted")


NOTICE_TRANSITIONS: dict[str, frozenset[str]] = {
    NoticeState.DRAFT: frozenset({NoticeState.SUBMITTED, NoticeState.ABORTED}),
    NoticeState.SUBMITTED: frozenset(
        {NoticeState.RETURNED, NoticeState.APPROVED, NoticeState.DRAFT, NoticeState.ABORTED}
    ),
    NoticeState.RETURNED: frozenset({NoticeState.DRAFT, NoticeState.ABORTED}),
    # Back to SUBMITTED: the audience has changed too much since the approver saw it.
    NoticeState.APPROVED: frozenset(
        {NoticeState.FROZEN, NoticeState.SUBMITTED, NoticeState.ABORTED}
    ),
    NoticeState.FROZEN: frozenset({NoticeState.SENDING, NoticeState.ABORTED}),
    NoticeState.SENDING: frozenset({NoticeState.SENT, NoticeState.ABORTED}),
    # Again, to those it did not reach: the same approval, the same words.
    NoticeState.SENT: frozenset({NoticeState.SENDING}),
    NoticeState.ABORTED: frozenset(),
}
EDITABLE = frozenset({NoticeState.DRAFT, NoticeState.RETURNED})
# The states that stand on an approval: the worker sends for no other.
UNDER_WAY = frozenset({NoticeState.FROZEN, NoticeState.SENDING})


class Urgency(models.TextChoices):
    IMMEDIATE = "Immediate", pgettext_lazy("urgency", "Immediate")
    EXPECTED = "Expected", pgettext_lazy("urgency", "Expected")
    FUTURE = "Future", pgettext_lazy("urgency", "Future")
    PAST = "Past", pgettext_lazy("urgency", "Past")
    UNKNOWN = "Unknown", pgettext_lazy("urgency", "Unknown")


class Severity(models.TextChoices):
    EXTREME = "Extreme", pgettext_lazy("severity", "Extreme")
    SEVERE = "Severe", pgettext_lazy("severity", "Severe")
    MODERATE = "Moderate", pgettext_lazy("severity", "Moderate")
    MINOR = "Minor", pgettext_lazy("severity", "Minor")
    UNKNOWN = "Unknown", pgettext_lazy("severity", "Unknown")


class Certainty(models.TextChoices):
    OBSERVED = "Observed", pgettext_lazy("certainty", "Observed")
    LIKELY = "Likely", pgettext_lazy("certainty", "Likely")
    POSSIBLE = "Possible", pgettext_lazy("certainty", "Possible")
    UNLIKELY = "Unlikely", pgettext_lazy("certainty", "Unlikely")
    UNKNOWN = "Unknown", pgettext_lazy("certainty", "Unknown")


class AreaSource(models.TextChoices):
    CIRCLE = "circle", _("A place and a radius")
    REGION = "region", _("A region")
    COUNTRIES = "countries", _("Countries")
    DRAWN = "drawn", _("Put together piece by piece")
    FILE = "file", _("An alert file")


class Operation(models.TextChoices):
    """What a piece of an area does to the pieces before it."""

    ADD = "add", _("Added")
    SUBTRACT = "subtract", _("Taken away")


class PieceKind(models.TextChoices):
    CIRCLE = "circle", _("A circle")
    RECTANGLE = "rectangle", _("A rectangle")
    POLYGON = "polygon", _("A shape")
    PLACE = "place", _("A place and a radius")
    COUNTRY = "country", _("Countries")
    REGION = "region", _("A region")
    FILE = "file", _("A ready-made shape")


# How surely a stay lies in the area, and how far it can still be believed: the registrations say.
ALL_CLASSES: tuple[str, ...] = (*Match.values, *Confidence.values)
DEFAULT_CLASSES: tuple[str, ...] = (
    Match.INSIDE.value,
    Match.POSSIBLY.value,
    Confidence.CONFIRMED.value,
    Confidence.STALE.value,
)


class Choice(models.TextChoices):
    SAFE = "safe", _("I am safe")
    NEED_HELP = "need_help", _("I need help")
    LEFT = "left", _("I have left")


# These stop further notices.
SETTLED = frozenset({Choice.SAFE, Choice.LEFT})


class ReadingReason(models.TextChoices):
    """Why an officer opens a person's record in a crisis."""

    ASKED_FOR_HELP = "asked_for_help", _("They asked for help")
    SILENT = "silent", _("They have not answered")
    RELATIVE_CALLED = "relative_called", _("A relative is asking after them")


class AnsweredVia(models.TextChoices):
    LINK = "link", _("the link in a notice")
    SMS = "sms", _("an SMS")
    WHATSAPP = "whatsapp", _("a WhatsApp message")
    TELEGRAM = "telegram", _("a Telegram message")
    MAIL = "mail", _("a mail")
    OFFICER = "officer", _("an officer, after contact")
    FORM = "form", _("the form of a crisis")


class Unclear(models.TextChoices):
    """Why an answer that came as a text marked nobody."""

    UNKNOWN_SENDER = "unknown_sender", _("We do not know who sent it")
    NO_CRISIS = "no_crisis", _("The sender was not written to in an open crisis")
    WRONG_CODE = "wrong_code", _("Its code is of no notice to this sender")
    SEVERAL = "several", _("It could mean several people or crises")
    NOT_UNDERSTOOD = "not_understood", _("It was not understood")
    CONTRADICTION = "contradiction", _("It says two things")


class ReplyOutcome(models.TextChoices):
    """What became of an answer that came as a text. Empty: an officer has yet to read it."""

    RECORDED = "recorded", _("Recorded")
    STOPPED = "stopped", _("Notices stopped")
    ASSIGNED = "assigned", _("Recorded by an officer")
    NOBODY = "nobody", _("Handled, nobody marked")
