"""The pages of those who watch over the register: the data protection officer and the auditor."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
