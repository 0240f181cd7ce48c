"""The second step of signing in, with its failures in the ledger."""

from __future__ import annotations

from allauth.mfa.base.forms import AuthenticateForm
from django.core.exceptions import ValidationError

from accounts.actions import note_refused_sign_in


class SecondFactorForm(AuthenticateForm):
    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()
        except ValidationError:
            note_refused_sign_in(email=self.user.email)
            raise
        return code
