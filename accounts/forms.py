"""The forms of signing in: allauth's, said in the portal's words, failures in the ledger."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.actions import note_refused_sign_in


class PlainFieldsMixin(forms.Form):
    """Labels say what a field is; a placeholder that says it again is read out twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(PlainFieldsMixin, LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Mail address")


class ForgottenPasswordForm(PlainFieldsMixin, ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Mail address")


class SetUpAppForm(PlainFieldsMixin, ActivateTOTPForm):
    pass


class SecondFactorForm(PlainFieldsMixin, AuthenticateForm):
    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()
        except ValidationError:
            note_refused_sign_in(email=self.user.email)
            raise
        return code
