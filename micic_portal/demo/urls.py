"""Routes that exist only in the demo."""

from __future__ import annotations

from django.urls import path

from micic_portal.demo.views import ShowDemoView, ShowInboxView

urlpatterns = [
    path("", ShowDemoView.as_view(), name="demo"),
    path("inbox/", ShowInboxView.as_view(), name="demo_inbox"),
]
