"""Routes that exist only in the demo."""

from __future__ import annotations

from django.urls import path

from micic_portal.demo.views import ShowDemoView, ShowInboxView, ShowLoginsView

urlpatterns = [
    path("", ShowDemoView.as_view(), name="demo"),
    path("logins/", ShowLoginsView.as_view(), name="demo_logins"),
    path("inbox/", ShowInboxView.as_view(), name="demo_inbox"),
]
