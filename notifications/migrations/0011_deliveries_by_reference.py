from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside a running portal: the queue is never locked while the index is built."""

    atomic = False
    dependencies = [("notifications", "0010_receipts_held")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                fields=["provider_reference"],
                name="delivery_by_reference",
                condition=models.Q(("provider_reference", ""), _negated=True),
            ),
        ),
    ]
