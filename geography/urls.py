"""The routes of the geography."""

from __future__ import annotations

from django.urls import path

from geography.views import SearchPlacesView

urlpatterns = [path("places/", SearchPlacesView.as_view(), name="search_places")]
