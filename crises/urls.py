"""The crisis room, and the public answer page."""

from __future__ import annotations

from django.urls import path

from crises.views import (
    audience,
    counting,
    crises,
    drafts,
    imports,
    live,
    notices,
    people,
    replies,
)

urlpatterns = [
    path("crises/", crises.ListCrisesView.as_view(), name="list_crises"),
    path("crises/open/", crises.OpenCrisisView.as_view(), name="open_crisis"),
    path("crises/import/", imports.ImportAlertView.as_view(), name="import_alert"),
    path(
        "crises/import/file/<uuid:pk>/",
        imports.ChooseAlertView.as_view(),
        name="choose_alert",
    ),
    path("crises/import/<uuid:pk>/", imports.ReviewImportView.as_view(), name="review_import"),
    path(
        "crises/import/<uuid:pk>/area.geojson",
        imports.ShowImportAreaView.as_view(),
        name="show_import_area",
    ),
    path("crises/area/new/", drafts.StartDraftView.as_view(), name="start_draft"),
    path("crises/area/<uuid:pk>/", drafts.EditAreaView.as_view(), name="edit_area"),
    path("crises/area/<uuid:pk>/pieces/", drafts.AreaPiecesView.as_view(), name="area_pieces"),
    path("crises/area/<uuid:pk>/count/", counting.CountDraftView.as_view(), name="count_draft"),
    path("crises/<uuid:pk>/", crises.ShowCrisisView.as_view(), name="show_crisis"),
    path("crises/<uuid:pk>/area/", crises.SetAreaView.as_view(), name="set_area"),
    path("crises/<uuid:pk>/close/", crises.CloseCrisisView.as_view(), name="close_crisis"),
    path("areas/<uuid:pk>.geojson", crises.ShowAreaView.as_view(), name="show_area"),
    path(
        "crises/<uuid:pk>/people/", audience.PreviewAudienceView.as_view(), name="preview_audience"
    ),
    path(
        "crises/<uuid:pk>/people/<uuid:person_id>/",
        people.ReadPersonView.as_view(),
        name="read_person",
    ),
    path("crises/<uuid:pk>/replies/", replies.ListRepliesView.as_view(), name="list_replies"),
    path(
        "crises/<uuid:pk>/replies/<uuid:reply_id>/",
        replies.ReadReplyView.as_view(),
        name="read_reply",
    ),
    path(
        "crises/<uuid:pk>/replies/<uuid:reply_id>/assign/",
        replies.AssignReplyView.as_view(),
        name="assign_reply",
    ),
    path(
        "crises/<uuid:pk>/replies/<uuid:reply_id>/dismiss/",
        replies.DismissReplyView.as_view(),
        name="dismiss_reply",
    ),
    path("notices/<uuid:pk>/write/", notices.WriteNoticeView.as_view(), name="write_notice"),
    path("notices/<uuid:pk>/", notices.ReviewNoticeView.as_view(), name="review_notice"),
    path("notices/<uuid:pk>/submit/", notices.SubmitNoticeView.as_view(), name="submit_notice"),
    path(
        "notices/<uuid:pk>/withdraw/", notices.WithdrawNoticeView.as_view(), name="withdraw_notice"
    ),
    path("notices/<uuid:pk>/approve/", notices.ApproveNoticeView.as_view(), name="approve_notice"),
    path("notices/<uuid:pk>/return/", notices.ReturnNoticeView.as_view(), name="return_notice"),
    path("notices/<uuid:pk>/alone/", notices.BreakGlassView.as_view(), name="break_glass"),
    path("notices/<uuid:pk>/live/", live.WatchNoticeView.as_view(), name="watch_notice"),
    path("notices/<uuid:pk>/figures/", live.LiveFiguresView.as_view(), name="live_figures"),
    path("notices/<uuid:pk>/pause/", live.PauseNoticeView.as_view(), name="pause_notice"),
    path("notices/<uuid:pk>/resume/", live.ResumeNoticeView.as_view(), name="resume_notice"),
    path("notices/<uuid:pk>/abort/", live.AbortNoticeView.as_view(), name="abort_notice"),
    path("notices/<uuid:pk>/resend/", live.ResendNoticeView.as_view(), name="resend_notice"),
]
