"""The secrets of second factors, sealed like every other secret that the database keeps.

They lie in allauth's table, as JSON: base64 of a sealed value. The library opens them without
naming a row, so they are bound to their purpose and their key, not to their row. Whoever can write
to the table could give an account another's secret, but could as well put in a passkey of their
own: what keeps them out is the password, and the privileges of the database's roles. A passkey's
row holds a public key, its counter and the name its user gave it: nothing to seal.
"""

from __future__ import annotations

import base64
import time
from collections import Counter

from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from privacy.keyring import key_ring
from privacy.sealing import Sealed, seal, unseal

_SEAL = "accounts.authenticator.secret"
_ROW = "any"
_SECRETS = ("secret", "seed")
# Recovery codes alone are no factor: they stand in for one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def seal_secret(text: str) -> str:
    return base64.b64encode(seal(text, seal=_SEAL, pk=_ROW, owner=None).raw).decode("ascii")


def open_secret(sealed_text: str) -> str:
    """Raises privacy.sealing.CannotOpen."""
    opened: str = unseal(_sealed(sealed_text), seal=_SEAL, pk=_ROW, owner=None)
    return opened


def _sealed(text: str) -> Sealed:
    return Sealed(base64.b64decode(text))


class OfficerMFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return seal_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_secret(encrypted_text)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """No name is made up: the list says when each passkey was added."""
        return _("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The passkey is kept under the State's name, whatever the host is called."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.STATE_NAME}


def code_now(secret: str, *, later: int = 0) -> str:
    """What an app that holds this secret shows now, or `later` periods of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret, _step_now() + later))


def spend_code(authenticator: Authenticator, code: str) -> bool:
    """Whether this code of an app was not used before; it is now, and so is every earlier one.

    Kept in the row: the library keeps it in the cache, which forgets while Redis is down.
    """
    secret = open_secret(authenticator.data["secret"])
    tolerance = app_settings.TOTP_TOLERANCE
    steps = range(_step_now() - tolerance, _step_now() + tolerance + 1)
    typed = "".join(code.split())
    step = next((s for s in steps if format_hotp_value(hotp_value(secret, s)) == typed), None)
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        if step is None or step <= row.data.get("last_step", 0):
            return False
        row.data["last_step"] = authenticator.data["last_step"] = step
        row.save(update_fields=["data"])
    return True


def _step_now() -> int:
    return int(time.time()) // app_settings.TOTP_PERIOD


def reseal_second_factors() -> int:
    """Seal under the newest key what an older one still seals; returns how many rows changed."""
    changed = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            old = {
                name: row.data[name]
                for name in _SECRETS
                if name in row.data and _sealed(row.data[name]).key_id != key_ring().newest
            }
            if old:
                row.data |= {name: seal_secret(open_secret(text)) for name, text in old.items()}
                row.save(update_fields=["data"])
                changed += 1
    return changed


def keys_of_second_factors() -> Counter[str]:
    """How many secrets each of FIELD_KEYS seals, by its id."""
    found: Counter[str] = Counter()
    for data in Authenticator.objects.order_by("pk").values_list("data", flat=True).iterator():
        found.update(_sealed(data[name]).key_id for name in _SECRETS if name in data)
    return found
