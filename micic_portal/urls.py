"""Every route of the portal, floor by floor."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.account.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
