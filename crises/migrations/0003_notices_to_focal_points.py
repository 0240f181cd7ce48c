from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crises", "0002_what_was_approved_and_asked")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notice", "Everyone registered there"),
                    ("relay", "Focal points there, to pass it on"),
                ],
                default="notice",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=["notice", "relay"]), name="notice_kind_known"
            ),
        ),
    ]
