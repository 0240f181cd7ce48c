"""The doors of this floor: the providers' programs', and the one for people's browsers."""

from __future__ import annotations

from django.urls import path

from notifications.service_worker import ShowServiceWorkerView
from notifications.views import TakeCallView

urlpatterns = [
    path("channels/<str:channel>/<str:provider>/", TakeCallView.as_view(), name="take_call"),
    path("service-worker.js", ShowServiceWorkerView.as_view(), name="show_service_worker"),
]
