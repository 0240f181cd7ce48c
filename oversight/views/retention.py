"""What the nightly runs erased, and what stayed and why."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from accounts.access import LedgerReaderRequiredMixin
from oversight.retention_runs import newest_runs


class ListRetentionRunsView(LedgerReaderRequiredMixin, TemplateView):
    template_name = "oversight/list_retention_runs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(runs=newest_runs(), **kwargs)
