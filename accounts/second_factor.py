"""The secrets of second factors, sealed like every other secret that the database keeps.

They lie in allauth's table, as JSON: base64 of a sealed value. The library opens them without
naming a row, so they are bound to their purpose and their key, not to their row.
"""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from privacy.keyring import key_ring
from privacy.sealing import Sealed, seal, unseal

_SEAL = "accounts.authenticator.secret"
_ROW = "any"
_SECRETS = ("secret", "seed")


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
