"""The questions of a registration, a form for each step."""

from registrations.forms.agreement import ConsentsForm
from registrations.forms.companion import CompanionForm
from registrations.forms.family import FamilyForm
from registrations.forms.identity import CodeForm, WhoForm
from registrations.forms.stays import StayForm

__all__ = ["CodeForm", "CompanionForm", "ConsentsForm", "FamilyForm", "StayForm", "WhoForm"]
