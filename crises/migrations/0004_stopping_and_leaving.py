import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crises", "0003_notices_to_focal_points")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="left_stays",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="Stopped",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.UUIDField()),
                ("stopped_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "crisis",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stopped",
                        to="crises.crisis",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("crisis", "person_id"), name="stopped_once")
                ],
            },
        ),
    ]
