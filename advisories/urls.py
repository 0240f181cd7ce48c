"""Advice by country: the public pages, and those of the officers who write them."""

from __future__ import annotations

from django.urls import path, register_converter

from advisories.views import public


class CountryConverter:
    """An ISO 3166 alpha-2 code, typed in any case; whether there is such a country, a view says."""

    regex = "[A-Za-z]{2}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


register_converter(CountryConverter, "country")

urlpatterns = [
    path("advice/", public.ListAdviceView.as_view(), name="list_advice"),
    path("advice/<country:country>/", public.ReadAdviceView.as_view(), name="read_advice"),
    path(
        "advice/<country:country>/<int:version>/",
        public.ReadAdviceVersionView.as_view(),
        name="read_advice_version",
    ),
]
