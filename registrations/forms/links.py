"""The one field of the page behind a reminder."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registrations.days import check_period
from registrations.forms.fields import DayField


class LastDayForm(forms.Form):
    ends_on = DayField(label=_("New last day"), error_messages={"required": _("Write the day.")})

    def __init__(self, *args: Any, starts_on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts_on = starts_on

    def clean_ends_on(self) -> dt.date:
        ends_on: dt.date = self.cleaned_data["ends_on"]
        problems = check_period(self.starts_on, ends_on, today=timezone.now().date())
        if "ends_on" in problems:
            raise problems["ends_on"]
        return ends_on
