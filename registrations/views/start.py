"""The first page: what it is for, what it is not, and where it leads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.views.generic import TemplateView

from geography.countries import is_country
from registrations.current_crises import current_crises


class StartView(TemplateView):
    template_name = "registrations/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        register_url = reverse("enter_name")
        country = self.request.GET.get("country", "")
        if is_country(country):
            # The first step takes it from its own address and keeps it with the answers.
            register_url = f"{register_url}?{urlencode({'country': country})}"
        return super().get_context_data(
            register_url=register_url,
            current_crises=current_crises(),
            retention_days=settings.STAY_RETENTION_DAYS,
            **kwargs,
        )
