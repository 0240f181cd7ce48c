"""What is agreed to, version by version. Words that were published never change: what must be said
otherwise is a new version, which asks again and suspends nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext_lazy as _

from registrations.enums import ConsentPurpose

# Agreed to beside the purposes: being named by whom one travels with, and passing word on.
COMPANION = "companion"
RELAY = "relay"
# The one screen on which people register in a crisis asks for the first purpose in fewer words.
CRISIS_FORM = "crisis_form"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version: the sentence with the box to tick, and what stands below it.

    `difference` says in a sentence what is new against the version before; "" for the first.
    """

    version: str
    in_force: dt.date
    title: Promise
    parts: tuple[Promise, ...]
    difference: Promise | str = ""


_FIRST = dt.date(2026, 11, 22)


def _first(title: Promise, *parts: Promise, variant: str = "") -> ConsentText:
    version = f"{_FIRST.isoformat()}{variant}"
    return ConsentText(version=version, in_force=_FIRST, title=title, parts=parts)


REGISTER: dict[str, tuple[ConsentText, ...]] = {
    ConsentPurpose.CRISIS_CONTACT.value: (
        _first(
            _("Contact me in a crisis where I am"),
            _(
                "Your registration rests on this: your consulate writes to you when an emergency "
                "touches the place and days you gave, and asks whether you are safe."
            ),
        ),
    ),
    ConsentPurpose.TELL_FAMILY.value: (
        _first(
            _("Tell my family contacts how I am"),
            _(
                "If you tick this, your consulate may pass on your answer to the people you named "
                "at home. Without it, it only calls them to find you."
            ),
        ),
    ),
    ConsentPurpose.SHARE_WITH_AGENCIES.value: (
        _first(
            _("Share with partner agencies that assist me"),
            _(
                "Only if you need help in a crisis, and only with those who give it. So far "
                "agencies are told about crises, never about people."
            ),
        ),
    ),
    ConsentPurpose.ADVICE.value: (
        _first(
            _("Send me advice about the places I go to"),
            _(
                "A short message when our advice for a country you gave changes: gathered, and at "
                "once only if it is urgent. Each one lets you stop with one tap."
            ),
        ),
    ),
    ConsentPurpose.STATISTICS.value: (
        _first(_("Count me in statistics"), _("As a number only, never as a person.")),
    ),
    ConsentPurpose.NEEDS.value: (
        _first(
            _("Keep these needs, for a crisis"),
            _(
                "They are about your health, so we keep them only if you say so here: encrypted, "
                "read only to help you in a crisis, and erased as soon as you take this back."
            ),
        ),
    ),
    CRISIS_FORM: (
        _first(
            _("The consulate may contact me in this crisis, and in others where I am"),
            _("You can take this back at any time."),
            variant="-form",
        ),
    ),
    COMPANION: (
        _first(
            _("How do they agree to be named here?"),
            _("They are under 18, and I agree for them as their parent or guardian"),
            _("They are 18 or older, they are beside me now, and they agree"),
            _("They are 18 or older. Write to them, so that they agree for themselves"),
        ),
    ),
    RELAY: (
        _first(
            _("I agree to pass word on"),
            _(
                "In an emergency the consulate may send you a message and ask you to tell the "
                "people around you. You get no list of people, you need not answer, and you need "
                "not put yourself in danger. You can take this back at any time."
            ),
        ),
    ),
}


def versions_of(subject: str) -> tuple[ConsentText, ...]:
    """Every version, oldest first. Raises KeyError for what nobody is asked."""
    return REGISTER[str(subject)]


def current_text(subject: str, *, on: dt.date | None = None) -> ConsentText:
    """The version in force on a day, today unless told."""
    day = on or timezone.now().date()
    versions = versions_of(subject)
    return next((text for text in reversed(versions) if text.in_force <= day), versions[0])


def text_of(subject: str, version: str) -> ConsentText | None:
    """None for a version that another installation had."""
    known = versions_of(subject)
    if subject == ConsentPurpose.CRISIS_CONTACT:
        known += versions_of(CRISIS_FORM)
    return next((text for text in known if text.version == version), None)


def field_words(subject: str) -> dict[str, Any]:
    """Label and help text of a box to tick: of the version in force when the page is shown."""
    return {
        "label": lazystr(_Words(subject, 0)),
        "help_text": lazystr(_Words(subject, 1)),
    }


@dataclass(frozen=True, slots=True)
class _Words:
    """The title (0) or a part of the text in force, once it is read."""

    subject: str
    number: int

    def __str__(self) -> str:
        text = current_text(self.subject)
        return str((text.title, *text.parts)[self.number])
