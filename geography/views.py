"""The place search behind the forms. It reads no personal data, and keeps none of what is asked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views import View

from geography.countries import is_country
from geography.labels import label_places
from geography.models import Place

MOST_RESULTS = 10


class SearchPlacesView(View):
    """GET ?q=text[&country=NP]: the places found, labelled in the reader's language."""

    def get(self, request: HttpRequest) -> HttpResponse:
        country = request.GET.get("country", "")
        places = Place.objects.search(
            request.GET.get("q", ""),
            country=country if is_country(country) else None,
            limit=MOST_RESULTS,
        )
        results = [
            {"id": place.pk, "label": label, "country": place.country}
            for place, label in zip(places, label_places(places), strict=True)
        ]
        response = JsonResponse({"results": results})
        # What somebody looks for says where they go: no shared cache keeps it.
        patch_cache_control(response, private=True, max_age=3600)
        return response
