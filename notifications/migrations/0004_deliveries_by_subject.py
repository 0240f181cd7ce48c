from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside a running portal: the queue is never locked while the index is built."""

    atomic = False
    dependencies = [("notifications", "0003_doubts_are_found")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                fields=["subject_id"],
                name="delivery_by_subject",
                condition=models.Q(subject_id__isnull=False),
            ),
        ),
    ]
