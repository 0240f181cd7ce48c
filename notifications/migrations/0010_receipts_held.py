import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_how_providers_stand")]

    operations = [
        migrations.CreateModel(
            name="HeldReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=60)),
                ("reference", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=10)),
                ("code", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "receipt for a message not written down yet",
                "verbose_name_plural": "receipts for messages not written down yet",
                "indexes": [models.Index(fields=["received_at"], name="held_receipt_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["provider", "reference"], name="held_receipt_is_one"
                    )
                ],
            },
        ),
    ]
