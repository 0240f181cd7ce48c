"""The words of a registration: kinds of stay, how exactly it is known, purposes of consent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """Who said it. What others say of a person is a report, not a registration."""

    SELF = "self", _("The person")


class StayKind(models.TextChoices):
    TRIP = "trip", _("I am travelling")
    RESIDENCE = "residence", _("I live there")


class Precision(models.TextChoices):
    """How exactly a stay is known; an audience is shown by it."""

    PIN = "pin", _("Point on the map")
    PLACE = "place", _("Town")
    REGION = "region", _("Region")
    COUNTRY = "country", _("Country")


class Match(models.TextChoices):
    """How surely a stay lies in an affected area."""

    INSIDE = "inside", _("Inside")
    POSSIBLY = "possibly", _("Possibly inside")
    SOMEWHERE = "somewhere", _("Somewhere in the country")


class Confidence(models.TextChoices):
    """How fresh a stay is."""

    CONFIRMED = "confirmed", _("Confirmed")
    STALE = "stale", _("Not confirmed for a year")
    EXPIRED = "expired", _("Ended in the last 30 days")


class ConsentPurpose(models.TextChoices):
    """One consent for each purpose; a registration rests on the first."""

    CRISIS_CONTACT = "crisis_contact", _("Contact me in a crisis")
    TELL_FAMILY = "tell_family", _("Tell my family contact how I am")
    SHARE_WITH_AGENCIES = "share_with_agencies", _("Share with partner agencies that assist me")
    ADVICE = "advice", _("Send me advice about the places I go to")
    STATISTICS = "statistics", _("Count me in statistics")


class CodeProblem(models.TextChoices):
    """Why a typed code did not prove an address."""

    MALFORMED = "malformed", _("The code has 6 digits. Check what you typed.")
    WRONG = "wrong", _("This code is not right. Check the newest message we sent.")
    OLD = "old", _("This is an earlier code. Type the one in our newest message.")
    EXPIRED = "expired", _("This code is more than 15 minutes old. Ask for a new one.")
    USED = "used", _("This code has been used already. Ask for a new one.")
    TOO_MANY = "too_many", _("That was wrong 5 times. Ask for a new code.")
    NOT_SENT = "not_sent", _("No code has been sent to this address yet. Ask for one.")


class SendProblem(models.TextChoices):
    """Why no code was sent. None of them tells whether an address is registered."""

    CONTACT = (
        "contact",
        _("We have sent several codes there already. Wait an hour, then try again."),
    )
    DRAFT = "draft", _("You have asked for many codes. Wait an hour, then try again.")
    NETWORK = (
        "network",
        _(
            "Many codes have been asked for from your network. Try again in an hour, "
            "or from another connection."
        ),
    )
    BUDGET = (
        "budget",
        _("We cannot send more text messages today. Use an email address, or try again tomorrow."),
    )
    PREFIX = (
        "prefix",
        _(
            "Many codes have been sent to numbers like this one. Use an email address, "
            "or try again in an hour."
        ),
    )


# The texts people agree to are versioned: a new text asks again, and suspends nothing given.
CONSENT_TEXT_VERSION = "2026-11-22"
