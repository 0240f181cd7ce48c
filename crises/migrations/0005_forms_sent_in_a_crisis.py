import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import privacy.blind_index


class Migration(migrations.Migration):
    dependencies = [("crises", "0004_stopping_and_leaving")]

    operations = [
        migrations.AlterField(
            model_name="answer",
            name="via",
            field=models.CharField(
                choices=[
                    ("link", "the link in a notice"),
                    ("sms", "an SMS"),
                    ("officer", "an officer, after contact"),
                    ("form", "the form of a crisis"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", privacy.blind_index.BlindIndexField()),
                ("person_id", models.UUIDField()),
                ("proof_waits", models.BooleanField(default=False)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "crisis",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="crises.crisis",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["crisis", "person_id"], name="submission_by_person"),
                    models.Index(
                        condition=models.Q(("proof_waits", True)),
                        fields=["sent_at"],
                        name="submission_waits",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("crisis", "key"), name="submission_taken_once")
                ],
            },
        ),
    ]
