"""The people of a registration: companions and family contacts, each with pages of its own."""

from __future__ import annotations

from django.urls import path

from registrations.views import people

urlpatterns = [
    path("companions/", people.AddCompanionView.as_view(), name="add_companion"),
    path("companions/<uuid:key>/", people.EditCompanionView.as_view(), name="edit_companion"),
    path(
        "companions/<uuid:key>/remove/",
        people.RemoveCompanionView.as_view(),
        name="remove_companion",
    ),
    path("family/", people.AddFamilyView.as_view(), name="add_family"),
    path("family/<uuid:key>/", people.EditFamilyView.as_view(), name="edit_family"),
    path("family/<uuid:key>/remove/", people.RemoveFamilyView.as_view(), name="remove_family"),
]
