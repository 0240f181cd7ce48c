"""People who registered: how to reach them, where they stay and when, what they agreed to."""

from registrations.answers import OPEN_END
from registrations.models.contacts import Consent, ContactPoint, FamilyContact
from registrations.models.drafts import Challenge, Draft, code_expiry, draft_expiry
from registrations.models.duplicates import Merge, PersonKey, Verdict
from registrations.models.estimates import CitizenEstimate
from registrations.models.people import Companion, FocalPoint, Person
from registrations.models.reports import Group, Invitation, Report, Upload
from registrations.models.retention import RetentionRun
from registrations.models.stays import Stay

__all__ = [
    "OPEN_END",
    "Challenge",
    "CitizenEstimate",
    "Companion",
    "Consent",
    "ContactPoint",
    "Draft",
    "FamilyContact",
    "FocalPoint",
    "Group",
    "Invitation",
    "Merge",
    "Person",
    "PersonKey",
    "Report",
    "RetentionRun",
    "Stay",
    "Upload",
    "Verdict",
    "code_expiry",
    "draft_expiry",
]
