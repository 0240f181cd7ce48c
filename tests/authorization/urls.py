"""Every route of the portal, with those that exist only in the demo."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from micic_portal.urls import urlpatterns as portal

urlpatterns: list[URLPattern | URLResolver] = [
    *portal,
    path("demo/", include("micic_portal.demo.urls")),
]
