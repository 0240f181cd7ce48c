"""The traveller's pages."""

from __future__ import annotations

from django.urls import include, path

from registrations import views
from registrations.views.signing_in import AlreadyRegisteredView

urlpatterns = [
    path("", views.StartView.as_view(), name="start"),
    path("register/who/", views.EnterNameView.as_view(), name="enter_name"),
    path("register/code/", views.ConfirmCodeView.as_view(), name="confirm_code"),
    path("register/where/", views.AddStayView.as_view(), name="add_stay"),
    path("register/where/<uuid:key>/", views.EditStayView.as_view(), name="edit_stay"),
    path("register/where/<uuid:key>/remove/", views.RemoveStayView.as_view(), name="remove_stay"),
    path("register/people/", views.EnterPeopleView.as_view(), name="enter_people"),
    path("register/people/", include("registrations.people_urls")),
    path("register/consents/", views.GiveConsentsView.as_view(), name="give_consents"),
    path("register/check/", views.CheckAnswersView.as_view(), name="check_answers"),
    path("register/done/", views.ShowDoneView.as_view(), name="show_done"),
    path("register/save/", views.SaveForLaterView.as_view(), name="save_for_later"),
    path("register/saved/", views.ShowSavedView.as_view(), name="saved_for_later"),
    path("register/finish/", views.FinishVisitView.as_view(), name="finish_visit"),
    path("register/already/", AlreadyRegisteredView.as_view(), name="already_registered"),
    path("register/mine/", include("registrations.mine_urls")),
    path("sign-in/", include("registrations.sign_in_urls")),
    path("", include("registrations.link_urls")),
    path("", include("registrations.group_urls")),
    path("staff/people/", include("registrations.record_urls")),
    path("staff/duplicates/", include("registrations.duplicates_urls")),
]
