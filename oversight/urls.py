"""The pages of those who watch over the register: the data protection officer and the auditor;
and over sending: operators and coordinators."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from oversight import views
from oversight.record_views import ShowProcessingRecordView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.ShowOversightView.as_view(), name="show_oversight"),
    path("ledger/", views.ListEntriesView.as_view(), name="list_entries"),
    path("ledger/download/", views.DownloadEntriesView.as_view(), name="download_entries"),
    path("ledger/<uuid:entry_id>/", views.ReadEntryView.as_view(), name="read_entry"),
    path("alarms/", views.ListAlarmsView.as_view(), name="list_alarms"),
    path("alarms/<uuid:alarm_id>/", views.ReadAlarmView.as_view(), name="read_alarm"),
    path("alarms/<uuid:alarm_id>/handle/", views.HandleAlarmView.as_view(), name="handle_alarm"),
    path("heads/", views.ListHeadsView.as_view(), name="list_heads"),
    path("heads.txt", views.DownloadHeadsView.as_view(), name="download_heads"),
    path("retention/", views.ListRetentionRunsView.as_view(), name="list_retention_runs"),
    path("sending/", views.ShowSendingView.as_view(), name="show_sending"),
    path("sending/figures/", views.SendingFiguresView.as_view(), name="sending_figures"),
    path("processing/", ShowProcessingRecordView.as_view(), name="show_processing_record"),
]
