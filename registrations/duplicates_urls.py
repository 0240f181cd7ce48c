"""The officers' pages about one person entered twice."""

from __future__ import annotations

from django.urls import path

from registrations.views import duplicates as views

urlpatterns = [
    path("", views.ListDuplicatesView.as_view(), name="list_duplicates"),
    path("merges/", views.ListMergesView.as_view(), name="list_merges"),
    path("merges/<uuid:pk>/undo/", views.UndoMergeView.as_view(), name="undo_merge"),
    path(
        "verdicts/<uuid:pk>/take-back/",
        views.TakeBackVerdictView.as_view(),
        name="take_back_verdict",
    ),
    path("<uuid:first>/<uuid:second>/", views.ComparePeopleView.as_view(), name="compare_people"),
    path("<uuid:first>/<uuid:second>/merge/", views.MergePeopleView.as_view(), name="merge_people"),
    path("<uuid:first>/<uuid:second>/part/", views.PartPeopleView.as_view(), name="part_people"),
]
