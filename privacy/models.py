"""What is remembered of the keys themselves, so that a wrong one is noticed before it is used."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from privacy.declarations import declare


class KeyMark(models.Model):
    """A digest of the key that bore this id when it was first used. No key can be told from it."""

    setting = models.CharField(_("setting"), max_length=32)
    # Empty for a secret that has no id.
    key_id = models.CharField(_("id of the key"), max_length=32, blank=True)
    mark = models.BinaryField(_("mark"), max_length=16)

    class Meta:
        verbose_name = _("mark of a key")
        verbose_name_plural = _("marks of keys")
        constraints = [
            models.UniqueConstraint(fields=["setting", "key_id"], name="one_mark_of_a_key")
        ]

    def __str__(self) -> str:
        return f"{self.setting} {self.key_id}"


declare(
    KeyMark,
    purpose=_("Notice that a key was given a wrong secret"),
    retention=_("Kept: no key's id is used again"),
    about=(),
    plain={"id", "setting", "key_id"},
    derived={"mark"},
)
