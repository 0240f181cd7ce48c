"""What a partner agency is, and what it may ask for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

READ_CRISES = "crises:read"


class AgencyKind(models.TextChoices):
    GOVERNMENT = "government", _("Ministry or public authority")
    INTERNATIONAL = "international", _("International organisation")
    RED_CROSS = "red_cross", _("Red Cross or Red Crescent society")
    NON_GOVERNMENTAL = "non_governmental", _("Non-governmental organisation")
    EMPLOYER = "employer", _("Employer or recruiter")
    UNIVERSITY = "university", _("University or school")
