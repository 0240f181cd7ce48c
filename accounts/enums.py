"""What a user may be. One person has one role; roles are never added together."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OFFICER = "officer", _("Consular officer")
    COORDINATOR = "coordinator", _("Crisis coordinator")
    DATA_PROTECTION_OFFICER = "data_protection_officer", _("Data protection officer")
    AUDITOR = "auditor", _("Auditor")
    OPERATOR = "operator", _("Operator")
