"""The pages of this floor that are for everybody."""

from __future__ import annotations

from django.urls import path

from crises import answer_views, proof_views, registering_views

urlpatterns = [
    path("a/<str:token>/", answer_views.AnswerNoticeView.as_view(), name="answer_notice"),
    # As it stands in a notice: one character less, and no redirect on a slow telephone.
    path("a/<str:token>", answer_views.AnswerNoticeView.as_view()),
    path("a/stop/<str:token>/", answer_views.StopCrisisView.as_view(), name="stop_crisis"),
    path("a/stop/<str:token>", answer_views.StopCrisisView.as_view()),
    path("p/<str:token>/", proof_views.ProveContactView.as_view(), name="prove_contact"),
    path("p/<str:token>", proof_views.ProveContactView.as_view()),
    path(
        "crisis/<uuid:pk>/register/",
        registering_views.RegisterInCrisisView.as_view(),
        name="register_in_crisis",
    ),
    path(
        "crisis/<uuid:pk>/registered/<uuid:submission>/",
        registering_views.ShowRegisteredView.as_view(),
        name="show_registered",
    ),
    path(
        "crisis/<uuid:pk>/relative/",
        registering_views.ReportRelativeView.as_view(),
        name="report_relative",
    ),
    path(
        "crisis/<uuid:pk>/reported/",
        registering_views.ShowReportedView.as_view(),
        name="show_reported",
    ),
]
