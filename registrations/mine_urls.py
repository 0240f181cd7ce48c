"""My registration: what a person sees and changes after signing in."""

from __future__ import annotations

from django.urls import path

from registrations.views import mine

urlpatterns = [
    path("", mine.ReadRegistrationView.as_view(), name="read_registration"),
    path("stop/", mine.StopConsentView.as_view(), name="stop_consent"),
    path("erase/", mine.EraseRegistrationView.as_view(), name="erase_registration"),
]
