"""The portal's routes, and the bare view's among them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from benchmarks.bare.views import save_row
from micic_portal.urls import urlpatterns as portal_patterns

urlpatterns: list[URLPattern | URLResolver] = [path("bare/", save_row), *portal_patterns]
