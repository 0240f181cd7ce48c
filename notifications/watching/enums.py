"""What may become of one attempt, as it is counted; and whose hearts beat."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    ACCEPTED = "accepted", _("Handed over")
    RETRIED = "retried", _("To be tried again")
    FAILED = "failed", _("Failed for good")
    UNCERTAIN = "uncertain", _("In doubt")
    WITHHELD = "withheld", _("Withheld")
    TAKEN_BACK = "taken_back", _("Taken back from a worker that fell silent")


# What a provider may answer.
ANSWERS = (Result.ACCEPTED, Result.RETRIED, Result.FAILED, Result.UNCERTAIN)


class Heart(StrEnum):
    """Whose heartbeat is kept. WATCH is the watch itself: whoever keeps it, stamps it."""

    SCHEDULER = "scheduler"
    WORKER = "worker"
    WATCH = "watch"


class TroubleKind(models.TextChoices):
    LANE_STUCK = "lane_stuck", _("Messages are stuck")
    CHANNEL_SILENT = "channel_silent", _("A channel hands nothing over")
    PROVIDER_DOWN = "provider_down", _("A provider fails")
    DOUBTS = "doubts", _("Many messages are in doubt")
    SCHEDULER_SILENT = "scheduler", _("The scheduler is silent")
    WORKERS_SILENT = "workers", _("No worker answers")
