"""What a part of a text message costs, as the operator has loaded it. Nothing is about anybody."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.declarations import declare


class SmsPrice(models.Model):
    """The price of one part to a number of one country."""

    country = models.CharField(_("country"), max_length=2, primary_key=True)
    price = models.DecimalField(_("price of one part"), max_digits=9, decimal_places=5)
    currency = models.CharField(_("currency"), max_length=3)
    loaded_at = models.DateTimeField(_("loaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("price of a text message")
        verbose_name_plural = _("prices of text messages")
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="sms_price_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.country}: {self.price} {self.currency}"


declare(
    SmsPrice,
    purpose=_("Tell what a notice by text message will cost before it is approved"),
    retention=_("Kept until another file replaces it: prices only, about nobody."),
    about=(),
    plain={"country", "price", "currency", "loaded_at"},
)
