"""The listed purposes: every ledger entry names one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    REGISTRATION = "registration", _("keeping one's own registration")
    VERIFICATION = "verification", _("proving a contact point")
    CRISIS = "crisis", _("warning and assisting people in a crisis")
    FAMILY = "family", _("telling the family")
    ASSISTANCE = "assistance", _("consular assistance in one case")
    ADVICE = "advice", _("advice on a destination")
    SHARING = "sharing", _("sharing with a partner agency")
    STATISTICS = "statistics", _("statistics that identify no one")
    EXERCISE = "exercise", _("a drill")
    DATA_QUALITY = "data_quality", _("keeping records right")
    RIGHTS = "rights", _("access, correction or erasure asked for by the person")
    ADMINISTRATION = "administration", _("administration of accounts, posts and agencies")
    OVERSIGHT = "oversight", _("oversight by an auditor or the data protection officer")
    MAINTENANCE = "maintenance", _("running the portal")
