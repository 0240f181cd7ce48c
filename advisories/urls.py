"""Advice by country: the public pages, and those of the officers who write them."""

from __future__ import annotations

from django.urls import path, register_converter

from advisories.views import public, staff


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
    path("staff/advice/", staff.ListCountryAdviceView.as_view(), name="list_country_advice"),
    path("staff/advice/<country:country>/", staff.ReviewAdviceView.as_view(), name="review_advice"),
    path(
        "staff/advice/<country:country>/write/",
        staff.WriteAdviceView.as_view(),
        name="write_advice",
    ),
    path(
        "staff/advice/<country:country>/publish/",
        staff.PublishAdviceView.as_view(),
        name="publish_advice",
    ),
    path(
        "staff/advice/<country:country>/confirm/",
        staff.ConfirmAdviceView.as_view(),
        name="confirm_advice",
    ),
    path(
        "staff/advice/<country:country>/discard/",
        staff.DiscardAdviceView.as_view(),
        name="discard_advice",
    ),
]
