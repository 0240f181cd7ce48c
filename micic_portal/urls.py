"""Every route of the portal, floor by floor."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from micic_portal.health import ShowHealthView
from micic_portal.metrics import ShowMetricsView
from oversight.record_views import ReadPrivacyNoticeView

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", ShowHealthView.as_view(), name="show_health"),
    path("metrics", ShowMetricsView.as_view(), name="show_metrics"),
    path("accounts/", include("accounts.urls")),
    path("api/", include("partners.urls")),
    path("oversight/", include("oversight.urls")),
    path("privacy/", ReadPrivacyNoticeView.as_view(), name="read_privacy_notice"),
    path("", include("crises.urls")),
    path("", include("crises.answer_urls")),
    path("", include("geography.urls")),
    path("", include("registrations.urls")),
    path("", include("advisories.urls")),
    path("", include("notifications.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
handler400 = "micic_portal.refusing.refuse_bad_request"
if settings.DEMO:
    urlpatterns.append(path("demo/", include("micic_portal.demo.urls")))
