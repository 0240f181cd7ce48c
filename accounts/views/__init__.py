"""A user's own account: who am I here, where am I signed in, and with what."""

from accounts.views.account import ShowAccountView
from accounts.views.second_factors import (
    AddAppView,
    AddPasskeyView,
    ChooseSecondFactorView,
    RemoveAppView,
    RemovePasskeyView,
    ShowRecoveryCodesView,
    TypeCodeView,
)
from accounts.views.sessions import EndSessionView, ListSessionsView, RevokeSessionsView

__all__ = [
    "AddAppView",
    "AddPasskeyView",
    "ChooseSecondFactorView",
    "EndSessionView",
    "ListSessionsView",
    "RemoveAppView",
    "RemovePasskeyView",
    "RevokeSessionsView",
    "ShowAccountView",
    "ShowRecoveryCodesView",
    "TypeCodeView",
]
