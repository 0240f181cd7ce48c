"""Routes that exist only in the demo."""

from __future__ import annotations

from django.urls import path

from micic_portal.demo.views import (
    AnswerTextMessageView,
    ShowDemoView,
    ShowInboxView,
    ShowLoginsView,
)

urlpatterns = [
    path("", ShowDemoView.as_view(), name="demo"),
    path("logins/", ShowLoginsView.as_view(), name="demo_logins"),
    path("inbox/", ShowInboxView.as_view(), name="demo_inbox"),
    path("inbox/answer/", AnswerTextMessageView.as_view(), name="answer_text_message"),
]
