"""What is erased each night of agencies' programs: tokens that have expired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from allauth.idp.oidc.models import Token
from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from registrations.retention_steps import Counts, bind_step


def bind_steps() -> None:
    bind_step("tokens", tokens, title=_("Expired tokens of agencies"), order=90)


def tokens(by: Actor, now: dt.datetime) -> Iterator[Counts]:
    yield {"erased_tokens": Token.objects.filter(expires_at__lte=now).delete()[0]}
