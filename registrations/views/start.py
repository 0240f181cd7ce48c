"""The first page: what it is for, and what it is not."""

from __future__ import annotations

from django.views.generic import TemplateView


class StartView(TemplateView):
    template_name = "registrations/start.html"
