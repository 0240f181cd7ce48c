from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registrations", "0007_family_contacts_told")]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="declined_version",
            field=models.CharField(
                blank=True, default="", max_length=16, verbose_name="newer version declined"
            ),
        ),
    ]
