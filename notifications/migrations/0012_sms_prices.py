"""What a part of a text message costs, by country."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_deliveries_by_reference")]

    operations = [
        migrations.CreateModel(
            name="SmsPrice",
            fields=[
                (
                    "country",
                    models.CharField(
                        max_length=2, primary_key=True, serialize=False, verbose_name="country"
                    ),
                ),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=5, max_digits=9, verbose_name="price of one part"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "loaded_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="loaded at"
                    ),
                ),
            ],
            options={
                "verbose_name": "price of a text message",
                "verbose_name_plural": "prices of text messages",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0)), name="sms_price_not_negative"
                    )
                ],
            },
        )
    ]
