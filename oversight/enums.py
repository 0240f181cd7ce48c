"""What an alarm is about, and what was found."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AlarmKind(models.TextChoices):
    READ_IN_HOUR = "read_in_hour", _("Read many people within an hour")
    READ_IN_DAY = "read_in_day", _("Read many people within a day")
    READ_IN_CALM = "read_in_calm", _("Read many people while no crisis was open")
    COMPARED = "compared", _("Compared many people")
    COUNTED_SMALL = "counted_small", _("Counted many small areas, as if to find one person")
    EXPORTED = "exported", _("Copied the register")
    APPROVED_ALONE = "approved_alone", _("Approved a notice alone")
    CHAIN_BROKEN = "chain_broken", _("The ledger was altered")


class AlarmOutcome(models.TextChoices):
    EXPLAINED = "explained", _("There was a good reason")
    MISTAKE = "mistake", _("It was a mistake, and it was talked over")
    BREACH = "breach", _("It was a breach, and it goes its way")
