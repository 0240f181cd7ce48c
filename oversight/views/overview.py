"""The first page of those who oversee: is all well, what waits, and who read most."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from accounts.access import LedgerReaderRequiredMixin, signed_in_user
from oversight.actions.looking import note_overview
from oversight.actions.verifying import is_broken, last_whole
from oversight.models import Alarm
from oversight.overview import days, entries_today, newest_head, readers
from oversight.retention_runs import newest_runs
from oversight.views.alarms import alarm_rows

_ALARMS = 5


class ShowOversightView(LedgerReaderRequiredMixin, TemplateView):
    template_name = "oversight/show_oversight.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note_overview(by=signed_in_user(self.request))
        head = newest_head()
        waiting = Alarm.objects.filter(seen_at=None)
        today, read_most = entries_today(), readers()
        by_day = days(today)
        return super().get_context_data(
            whole=last_whole(),
            is_broken=is_broken(),
            head=head,
            digest=bytes(head.digest).hex() if head else "",
            today=today,
            alarms=waiting.count(),
            waiting=alarm_rows(
                list(waiting.defer("finding").order_by("-raised_at", "pk")[:_ALARMS])
            ),
            days=by_day,
            most_a_day=max((row["value"] for row in by_day), default=0),
            readers=read_most,
            most_read=max((row["value"] for row in read_most), default=0),
            runs=newest_runs(2),
            **kwargs,
        )
