"""The pages of those who watch over the register: the data protection officer and the auditor."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from oversight.record_views import ShowProcessingRecordView

urlpatterns: list[URLPattern | URLResolver] = [
    path("processing/", ShowProcessingRecordView.as_view(), name="show_processing_record"),
]
