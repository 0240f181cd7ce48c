"""Each delivery is rewritten three times: leave room on its page, and vacuum early."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("notifications", "0001_messages_and_deliveries")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE notifications_delivery SET (
                fillfactor = 70,
                autovacuum_vacuum_scale_factor = 0.02,
                autovacuum_analyze_scale_factor = 0.05
            )
            """,
            """
            ALTER TABLE notifications_delivery RESET (
                fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor
            )
            """,
        )
    ]
