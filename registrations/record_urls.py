"""The officers' pages about one person: found by something exact, opened for a reason."""

from __future__ import annotations

from django.urls import path

from registrations.views import finding as views

urlpatterns = [
    path("find/", views.FindPersonView.as_view(), name="find_person"),
    path("<uuid:pk>/", views.ReadRecordView.as_view(), name="read_record"),
]
