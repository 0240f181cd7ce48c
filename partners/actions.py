"""Every write to agencies, and the ledger entries of what their programs read."""

from __future__ import annotations

import secrets
from typing import Protocol
from uuid import UUID

from allauth.idp.oidc.models import Client, Token
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from partners.enums import READ_CRISES, AgencyKind
from partners.models import Agency


class UserLike(Protocol):
    """Whoever the ledger can name: a user of the ministry."""

    @property
    def pk(self) -> UUID: ...


def _note_on(agency: Agency, action: str, *, by: Actor | UserLike) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.ADMINISTRATION,
        object_type="partners.agency",
        object_id=str(agency.pk),
        details={"kind": agency.kind},
    )


@transaction.atomic
def create_agency(*, name: str, kind: str, by: Actor | UserLike) -> tuple[Agency, str]:
    """Let an agency's program in. The secret is returned this once; only its hash is kept."""
    if kind not in AgencyKind.values:
        raise ValidationError(_("“%(value)s” is no kind of agency.") % {"value": kind})
    secret = secrets.token_urlsafe(32)
    client = Client(
        name=name.strip(),
        scopes=READ_CRISES,
        default_scopes=READ_CRISES,
        type=Client.Type.CONFIDENTIAL,
        grant_types=Client.GrantType.CLIENT_CREDENTIALS,
        response_types="",
        skip_consent=True,
    )
    client.set_secret(secret)
    client.save(force_insert=True)
    agency = Agency(name=name.strip(), kind=kind, client=client)
    agency.full_clean()
    agency.save(force_insert=True)
    _note_on(agency, "agency.create", by=by)
    return agency, secret


@transaction.atomic
def replace_secret(*, agency: Agency, by: Actor | UserLike) -> str:
    """A new secret, returned this once. The old one and every token it gave end now."""
    secret = secrets.token_urlsafe(32)
    agency.client.set_secret(secret)
    agency.client.save(update_fields=["secret"])
    Token.objects.filter(client_id=agency.client_id).delete()
    journal("agency.secret_replaced", row_id=agency.pk)
    _note_on(agency, "agency.replace_secret", by=by)
    return secret


@transaction.atomic
def deactivate_agency(*, agency: Agency, by: Actor | UserLike) -> None:
    """Let an agency's program in no more. A token still about is refused from now on."""
    Agency.objects.filter(pk=agency.pk).update(is_active=False)
    agency.is_active = False
    journal("agency.deactivated", row_id=agency.pk)
    _note_on(agency, "agency.deactivate", by=by)


def note_call(
    *, agency: Agency, verb: str, status: int, count: int | None = None, crisis_id: str = ""
) -> None:
    """One entry for each call, given or refused. `verb` is "read_crises" and the like."""
    details = {"status": status} if count is None else {"status": status, "count": count}
    record(
        action=f"api.{verb}" if status < 400 else f"api.refuse_{verb}",
        by=Actor.agency(agency.client_id),
        purpose=Purpose.SHARING,
        object_type="crises.crisis" if crisis_id else "",
        object_id=crisis_id,
        details=details,
    )


def note_token(*, agency: Agency, status: int) -> None:
    """A token given or refused, under the agency's name."""
    record(
        action="api.issue_token" if status < 400 else "api.refuse_token",
        by=Actor.agency(agency.client_id),
        purpose=Purpose.SHARING,
        object_type="partners.agency",
        object_id=str(agency.pk),
        details={"status": status},
    )


def forget_expired_tokens(*, agency: Agency) -> int:
    """Delete this agency's tokens that open nothing any more; returns how many."""
    deleted, _by_model = Token.objects.expired().filter(client_id=agency.client_id).delete()
    return deleted
