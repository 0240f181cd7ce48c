"""The one page of this floor that is for everybody."""

from __future__ import annotations

from django.urls import path

from crises.answer_views import AnswerNoticeView

urlpatterns = [
    path("a/<str:token>/", AnswerNoticeView.as_view(), name="answer_notice"),
    # As it stands in a notice: one character less, and no redirect on a slow telephone.
    path("a/<str:token>", AnswerNoticeView.as_view()),
]
