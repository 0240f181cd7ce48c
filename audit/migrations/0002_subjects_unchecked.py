import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_ledger'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entrysubject',
            name='entry',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='subjects', to='audit.entry'),
        ),
    ]
