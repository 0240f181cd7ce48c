"""The traveller's pages."""

from __future__ import annotations

from django.urls import path

from registrations import views

urlpatterns = [
    path("", views.StartView.as_view(), name="start"),
    path("register/who/", views.EnterNameView.as_view(), name="enter_name"),
    path("register/code/", views.ConfirmCodeView.as_view(), name="confirm_code"),
    path("register/where/", views.AddStayView.as_view(), name="add_stay"),
    path("register/where/<uuid:key>/", views.EditStayView.as_view(), name="edit_stay"),
    path("register/where/<uuid:key>/remove/", views.RemoveStayView.as_view(), name="remove_stay"),
    path("register/family/", views.EnterFamilyView.as_view(), name="enter_family"),
    path("register/consents/", views.GiveConsentsView.as_view(), name="give_consents"),
    path("register/check/", views.CheckAnswersView.as_view(), name="check_answers"),
    path("register/done/", views.ShowDoneView.as_view(), name="show_done"),
    path("register/mine/", views.ReadRegistrationView.as_view(), name="read_registration"),
    path("register/mine/stop/", views.StopConsentView.as_view(), name="stop_consent"),
    path("register/mine/erase/", views.EraseRegistrationView.as_view(), name="erase_registration"),
]
