"""Tables that packages bring along: what they hold of people, declared like tables of our own."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import STAFF_ACCESS, WHILE_EMPLOYED
from privacy.declarations import declare, is_declared, is_ours
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

# Rows about programs and about the portal itself: nobody can be found in them.
ABOUT_NOBODY = frozenset(
    {
        "auth.Group",
        "auth.Group_permissions",
        "auth.Permission",
        "contenttypes.ContentType",
        # The programs of partner agencies, and their passes: no user owns any.
        "allauth_idp_oidc.Client",
        "allauth_idp_oidc.Token",
        # Empty: wrong passwords are counted in a table of our own (accounts.lockout_handler).
        "axes.AccessAttempt",
        "axes.AccessAttemptExpiration",
        "axes.AccessFailureLog",
        "axes.AccessLog",
    }
)


def _session_hours() -> int:
    return settings.SESSION_COOKIE_AGE // 3600


def _until_the_session_ends() -> str:
    return ngettext(
        "Until signing out, %(hours)d hour at most.",
        "Until signing out, %(hours)d hours at most.",
        _session_hours(),
    ) % {"hours": _session_hours()}


def declare_foreign_tables() -> None:
    """Called once the apps are ready: these models are not ours to declare beside."""
    declare(
        apps.get_model("sessions.Session"),
        purpose=_("Keep a visit going from page to page"),
        retention=Period(_until_the_session_ends, lambda: _session_hours() / 24),
        about={DataSubject.TRAVELLER, DataSubject.REPORTER, DataSubject.STAFF},
        basis=LegalBasis.PUBLIC_TASK,
        plain={"session_key", "session_data", "expire_date"},
    )
    declare(
        apps.get_model("mfa.Authenticator"),
        purpose=STAFF_ACCESS,
        retention=WHILE_EMPLOYED,
        about={DataSubject.STAFF},
        basis=LegalBasis.PUBLIC_TASK,
        plain={"id", "user", "type", "data", "created_at", "last_used_at"},
    )
    declare(
        apps.get_model("account.EmailAddress"),
        purpose=STAFF_ACCESS,
        retention=WHILE_EMPLOYED,
        about={DataSubject.STAFF},
        basis=LegalBasis.PUBLIC_TASK,
        plain={"id", "user", "email", "verified", "primary"},
    )
    declare(
        apps.get_model("account.EmailConfirmation"),
        purpose=STAFF_ACCESS,
        retention=WHILE_EMPLOYED,
        about={DataSubject.STAFF},
        basis=LegalBasis.PUBLIC_TASK,
        plain={"id", "email_address", "created", "sent", "key"},
    )


def unexamined_models() -> list[str]:
    """Labels of models that nobody has looked at: not ours, not declared, not about nobody."""
    return sorted(
        model._meta.label
        for config in apps.get_app_configs()
        if not is_ours(config)
        for model in config.get_models(include_auto_created=True)
        if not is_declared(model) and model._meta.label not in ABOUT_NOBODY
    )


def foreign_models() -> list[type[models.Model]]:
    """Those declared here."""
    return [
        model
        for config in apps.get_app_configs()
        if not is_ours(config)
        for model in config.get_models()
        if is_declared(model)
    ]
