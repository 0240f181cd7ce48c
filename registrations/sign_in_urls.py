"""Signing in without a password."""

from __future__ import annotations

from django.urls import path

from registrations.views import signing_in as views

urlpatterns = [
    path("", views.SignInView.as_view(), name="sign_in"),
    path("code/", views.ConfirmSignInView.as_view(), name="confirm_sign_in"),
    path("which/", views.ChooseRegistrationView.as_view(), name="choose_registration"),
    path("new/", views.OfferRegistrationView.as_view(), name="offer_registration"),
]
