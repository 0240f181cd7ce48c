"""The doors of this floor: one, for the providers' programs."""

from __future__ import annotations

from django.urls import path

from notifications.views import TakeCallView

urlpatterns = [
    path("channels/<str:channel>/<str:provider>/", TakeCallView.as_view(), name="take_call")
]
