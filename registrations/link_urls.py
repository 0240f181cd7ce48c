"""The pages behind the links of messages."""

from __future__ import annotations

from django.urls import path

from registrations.views.invitations import AnswerInvitationView
from registrations.views.linked import (
    AnswerListingView,
    AnswerReminderView,
    StopMessagesView,
)

urlpatterns = [
    path("still/<str:token>/", AnswerReminderView.as_view(), name="answer_reminder"),
    path("listed/<str:token>/", AnswerListingView.as_view(), name="answer_listing"),
    path("stop/<str:token>/", StopMessagesView.as_view(), name="stop_messages"),
    path("i/<str:token>/", AnswerInvitationView.as_view(), name="answer_invitation"),
    # As they stand in a message: a mail program that stops them by itself follows no redirect.
    path("still/<str:token>", AnswerReminderView.as_view()),
    path("listed/<str:token>", AnswerListingView.as_view()),
    path("stop/<str:token>", StopMessagesView.as_view()),
    path("i/<str:token>", AnswerInvitationView.as_view()),
]
