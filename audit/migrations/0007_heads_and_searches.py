from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0006_salt_named'),
    ]

    operations = [
        migrations.CreateModel(
            name='Head',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='day')),
                ('position', models.BigIntegerField(verbose_name='position')),
                ('digest', models.BinaryField(max_length=32)),
                ('entries', models.PositiveIntegerField(verbose_name='entries')),
            ],
            options={
                'verbose_name': 'head of a day',
                'verbose_name_plural': 'heads of days',
            },
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['action', 'at'], name='audit_entry_action'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['actor_post', 'at'], name='audit_entry_post'),
        ),
    ]
