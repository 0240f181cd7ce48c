"""The forms of signing in: allauth's, said in the portal's words, failures in the ledger."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import note_refused_sign_in
from accounts.lockout_handler import forgive_try, refuse_try, take_try
from accounts.models import User
from accounts.second_factor import open_secret, seal_secret, spend_code

RESET_MAIL = "account/email/password_reset_code"


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
    """Does the same work for every address, so that its time tells no officer's from another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Mail address")

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = super().save(request, **kwargs)
        if not self.users:
            adapter = get_adapter(request)
            code = adapter.generate_password_reset_code()
            adapter.send_nothing(RESET_MAIL, email, {"request": request, "code": code})
        return email


class NewPasswordForm(PlainFieldsMixin, ChangePasswordForm):
    """The present password counts as a try to sign in: an open desk is no place to guess it."""

    def clean_oldpassword(self) -> str:
        typed: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class SetUpAppForm(PlainFieldsMixin, ActivateTOTPForm):
    """Until the first code is typed, the secret waits in the session: a row too, so sealed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        held = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if self.is_bound and held:
            self.secret = open_secret(held)
        session[SECRET_SESSION_KEY] = seal_secret(self.secret)


class LimitedCodeMixin(PlainFieldsMixin):
    """A code counts as a try to sign in, serves once, and is in the ledger when it is wrong."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        if not take_try(context.request, email=self.user.email):
            refuse_try(context.request)
            raise ValidationError(_("There were too many tries. Wait, then try again."))
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            if self.authenticator.type == Authenticator.Type.TOTP and not spend_code(
                self.authenticator, code
            ):
                raise ValidationError(_("This code was used before. Wait for the next one."))
        except ValidationError:
            note_refused_sign_in(email=self.user.email)
            refuse_try(context.request)
            raise
        forgive_try(context.request)
        return code


class SecondFactorForm(LimitedCodeMixin, AuthenticateForm):
    pass


class SecondFactorAgainForm(LimitedCodeMixin, ReauthenticateForm):
    pass


class AddPasskeyForm(PlainFieldsMixin, AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _describe(self.fields["name"])


class RenamePasskeyForm(PlainFieldsMixin, EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _describe(self.fields["name"])


def _describe(name: forms.Field) -> None:
    name.label = _("Name of the passkey")
    name.help_text = _("So that you recognise it: “Blue key”, “Work telephone”.")
    name.widget.attrs |= {"maxlength": 60, "autocomplete": "off"}
