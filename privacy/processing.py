"""The words of a record of processing (GDPR article 30): whom data is about, what it rests on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataSubject(models.TextChoices):
    """Whom a row is about. A row about nobody (a place, a country) names none."""

    TRAVELLER = "traveller", _("Citizens abroad")
    REPORTED = "reported", _("People about whom somebody else told us")
    COMPANION = "companion", _("People who travel with them")
    FAMILY = "family", _("Family contacts")
    REPORTER = "reporter", _("People who tell us about others, and organisers of groups")
    STAFF = "staff", _("Staff of the ministry")
    AGENCY = "agency", _("Staff of partner agencies")


class LegalBasis(models.TextChoices):
    """GDPR article 6(1), by letter, and article 9(2)(a) for the special categories."""

    CONSENT = "consent", _("Consent")
    # Article 9(2)(a): health, and whatever else is a special category.
    EXPLICIT_CONSENT = "explicit_consent", _("Explicit consent, given for this alone")
    LEGAL_OBLIGATION = "legal_obligation", _("A legal obligation")
    VITAL_INTEREST = "vital_interest", _("Vital interests of a person")
    PUBLIC_TASK = "public_task", _("The consular task given by law")
