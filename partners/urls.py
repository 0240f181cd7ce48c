"""The partner API's addresses, below /api/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from partners.api import ReadCrisesView, ReadCrisisView, RefuseUnknownPathView
from partners.documentation import ShowApiDocsView, ShowSchemaView
from partners.views import IssueTokenView

urlpatterns: list[URLPattern | URLResolver] = [
    path("oauth/token", IssueTokenView.as_view(), name="issue_token"),
    path("v1/crises/", ReadCrisesView.as_view(), name="read_crises"),
    path("v1/crises/<uuid:pk>/", ReadCrisisView.as_view(), name="read_crisis"),
    path("v1/schema/", ShowSchemaView.as_view(), name="show_schema"),
    path("v1/docs/", ShowApiDocsView.as_view(), name="show_api_docs"),
    re_path(r"^.*$", RefuseUnknownPathView.as_view(), name="refuse_unknown_path"),
]
