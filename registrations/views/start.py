"""The first page: what it is for, and what it is not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.views.generic import TemplateView


class StartView(TemplateView):
    template_name = "registrations/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(retention_days=settings.STAY_RETENTION_DAYS, **kwargs)
