"""The lease gets a column that no index holds: a claim then rewrites no index, if its page has room
for the new version of each row. At 70 % most rows found none, since a page is claimed as a whole.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0012_sms_prices")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="lease_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
        ),
        migrations.RunSQL(
            "ALTER TABLE notifications_delivery SET (fillfactor = 45)",
            "ALTER TABLE notifications_delivery SET (fillfactor = 70)",
        ),
    ]
