"""Pages of those who oversee, and the public page of the heads."""

from oversight.views.alarms import HandleAlarmView, ListAlarmsView, ReadAlarmView
from oversight.views.entries import DownloadEntriesView, ListEntriesView, ReadEntryView
from oversight.views.heads import DownloadHeadsView, ListHeadsView
from oversight.views.overview import ShowOversightView
from oversight.views.retention import ListRetentionRunsView
from oversight.views.sending import SendingFiguresView, ShowSendingView

__all__ = [
    "DownloadEntriesView",
    "DownloadHeadsView",
    "HandleAlarmView",
    "ListAlarmsView",
    "ListEntriesView",
    "ListHeadsView",
    "ListRetentionRunsView",
    "ReadAlarmView",
    "ReadEntryView",
    "SendingFiguresView",
    "ShowOversightView",
    "ShowSendingView",
]
