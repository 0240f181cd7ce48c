"""The words of a registration: kinds of stay, how exactly it is known, purposes of consent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel

# Channels whose addresses are typed, and proved with a code. By one of them a person signs in.
TYPED_CHANNELS: tuple[str, ...] = (Channel.MAIL.value, Channel.SMS.value, Channel.WHATSAPP.value)


class Source(models.TextChoices):
    """Who said it. What others say of a person is a report, not a registration."""

    SELF = "self", _("The person")
    # By the person, on one screen while a crisis is open: not proved yet.
    CRISIS = "crisis", _("The person, during a crisis")
    COMPANION = "companion", _("Someone they travel with")
    GROUP = "group", _("A group they belong to")
    RELATIVE = "relative", _("A relative")


# What these say of someone else stays a report until that person agrees.
REPORTED = frozenset({Source.COMPANION, Source.GROUP, Source.RELATIVE})


class StayKind(models.TextChoices):
    TRIP = "trip", _("I am travelling")
    RESIDENCE = "residence", _("I live there")
    VOYAGE = "voyage", _("I am on a ship, as a passenger or in its crew")


class TravelPurpose(models.TextChoices):
    HOLIDAY = "holiday", _("Holiday")
    FAMILY = "family", _("Visiting family or friends")
    WORK = "work", _("Work")
    STUDY = "study", _("Study or exchange")
    VOLUNTEERING = "volunteering", _("Volunteering or mission")
    OTHER = "other", _("Something else")


class Gender(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNSAID = "unsaid", _("I prefer not to say")


class CompanionConsent(models.TextChoices):
    """How a companion agreed to be named."""

    GUARDIAN = "guardian", _("A parent or guardian agreed")
    IN_PERSON = "in_person", _("They agreed beside the person who registered")
    INVITED = "invited", _("They are written to, and agree for themselves")


class GroupKind(models.TextChoices):
    SCHOOL = "school", _("School or university")
    TOUR = "tour", _("Tour or travel group")
    COMPANY = "company", _("Company or organisation")
    CREW = "crew", _("Ship's or aircraft's crew")


class UploadState(models.TextChoices):
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    TAKING = "taking", _("Being taken")
    TAKEN = "taken", _("Taken")
    DISCARDED = "discarded", _("Discarded")


UPLOAD_TRANSITIONS: dict[UploadState, frozenset[UploadState]] = {
    UploadState.CHECKING: frozenset({UploadState.CHECKED, UploadState.DISCARDED}),
    UploadState.CHECKED: frozenset({UploadState.TAKING, UploadState.DISCARDED}),
    UploadState.TAKING: frozenset({UploadState.TAKEN}),
    UploadState.TAKEN: frozenset(),
    UploadState.DISCARDED: frozenset(),
}


class KeyKind(models.TextChoices):
    """What two entries of one person may share."""

    DOCUMENT = "document", _("Document number")
    NAME_CONTACT = "name_contact", _("Name and address or telephone")
    NAME_BIRTH = "name_birth", _("Name and date of birth")
    NAME_STAY = "name_stay", _("Name, country and month")


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
    REGION = "region", _("Somewhere in a region that it touches")
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
    # Special category (GDPR article 9): explicit, and on its own.
    NEEDS = "needs", _("Keep my medical or mobility needs, for a crisis")


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
