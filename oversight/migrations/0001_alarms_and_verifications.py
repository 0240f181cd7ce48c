import django.db.models.deletion
import django.utils.timezone
import privacy.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0007_heads_and_searches'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('read_in_hour', 'Read many people within an hour'), ('read_in_day', 'Read many people within a day'), ('read_in_calm', 'Read many people while no crisis was open'), ('compared', 'Compared many people'), ('counted_small', 'Counted many small areas, as if to find one person'), ('exported', 'Copied the register'), ('approved_alone', 'Approved a notice alone'), ('chain_broken', 'The ledger was altered')], max_length=16, verbose_name='kind')),
                ('actor_kind', models.CharField(blank=True, choices=[('user', 'user'), ('traveller', 'traveller'), ('agency', 'partner agency'), ('system', 'the portal'), ('unknown', 'someone not signed in')], max_length=16, verbose_name='kind of actor')),
                ('actor_id', models.CharField(blank=True, max_length=64, verbose_name='actor')),
                ('actor_role', models.CharField(blank=True, max_length=32, verbose_name='role')),
                ('actor_post', models.UUIDField(blank=True, null=True, verbose_name='post')),
                ('count', models.PositiveIntegerField(verbose_name='number')),
                ('acts', models.PositiveIntegerField(verbose_name='acts')),
                ('threshold', models.PositiveIntegerField(verbose_name='more than')),
                ('first_at', models.DateTimeField(verbose_name='first act at')),
                ('last_at', models.DateTimeField(verbose_name='last act at')),
                ('counted_to', models.BigIntegerField(default=0, verbose_name='counted up to seal')),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='raised at')),
                ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='looked into at')),
                ('outcome', models.CharField(blank=True, choices=[('explained', 'There was a good reason'), ('mistake', 'It was a mistake, and it was talked over'), ('breach', 'It was a breach, and it goes its way')], max_length=10, verbose_name='outcome')),
                ('finding', privacy.fields.SealedTextField(blank=True, null=True, seal='oversight.alarm.finding', verbose_name='what was found')),
                ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='looked into by')),
            ],
            options={
                'verbose_name': 'alarm',
                'verbose_name_plural': 'alarms',
            },
        ),
        migrations.CreateModel(
            name='LedgerMark',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('position', models.BigIntegerField(default=0, verbose_name='position')),
                ('moved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='moved at')),
            ],
            options={
                'verbose_name': 'mark in the ledger',
                'verbose_name_plural': 'marks in the ledger',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='ledger_mark_is_one')],
            },
        ),
        migrations.CreateModel(
            name='OverseerMail',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written at')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='due at')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('alarm', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='oversight.alarm')),
                ('head', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.head')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='to')),
            ],
            options={
                'verbose_name': 'mail to those who oversee',
                'verbose_name_plural': 'mails to those who oversee',
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('is_whole', models.BooleanField(verbose_name='from the first seal')),
                ('began_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='began at')),
                ('moved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='moved at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('position', models.BigIntegerField(default=0, verbose_name='position')),
                ('digest', models.BinaryField(max_length=32)),
                ('entries', models.PositiveBigIntegerField(default=0, verbose_name='entries')),
                ('breaks', models.PositiveIntegerField(default=0, verbose_name='breaks')),
                ('told', models.JSONField(default=list, verbose_name='first breaks')),
            ],
            options={
                'verbose_name': 'verification of the ledger',
                'verbose_name_plural': 'verifications of the ledger',
                'indexes': [models.Index(fields=['-began_at'], name='verification_began_at')],
            },
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(fields=['-raised_at'], name='alarm_raised_at'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(fields=['actor_kind', 'actor_id', 'kind'], name='alarm_actor'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.UniqueConstraint(fields=('kind', 'actor_kind', 'actor_id', 'first_at', 'counted_to'), name='alarm_is_raised_once'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('seen_at', None), ('seen_by', None)), models.Q(('seen_at__isnull', False), ('seen_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='alarm_seen_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.CheckConstraint(condition=models.Q(('count__gt', models.F('threshold'))), name='alarm_is_above_threshold'),
        ),
        migrations.AddIndex(
            model_name='overseermail',
            index=models.Index(condition=models.Q(('sent_at', None)), fields=['due_at'], name='overseer_mail_due'),
        ),
        migrations.AddConstraint(
            model_name='overseermail',
            constraint=models.UniqueConstraint(fields=('recipient', 'alarm'), name='overseer_mail_of_alarm'),
        ),
        migrations.AddConstraint(
            model_name='overseermail',
            constraint=models.UniqueConstraint(fields=('recipient', 'head'), name='overseer_mail_of_head'),
        ),
        migrations.AddConstraint(
            model_name='overseermail',
            constraint=models.CheckConstraint(condition=models.Q(('alarm__isnull', True), ('head__isnull', True), _connector='XOR'), name='overseer_mail_is_about_one_thing'),
        ),
    ]
