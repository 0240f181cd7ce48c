import django.db.models.deletion
import django.utils.timezone
import privacy.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('actor_kind', models.CharField(choices=[('user', 'user'), ('traveller', 'traveller'), ('agency', 'partner agency'), ('system', 'the portal'), ('unknown', 'someone not signed in')], max_length=16, verbose_name='kind of actor')),
                ('actor_id', models.CharField(blank=True, max_length=64, verbose_name='actor')),
                ('actor_role', models.CharField(blank=True, max_length=32, verbose_name='role')),
                ('actor_post', models.UUIDField(blank=True, null=True, verbose_name='post')),
                ('action', models.CharField(max_length=64, verbose_name='action')),
                ('purpose', models.CharField(choices=[('registration', "keeping one's own registration"), ('verification', 'proving a contact point'), ('crisis', 'warning and assisting people in a crisis'), ('family', 'telling the family'), ('assistance', 'consular assistance in one case'), ('advice', 'advice on a destination'), ('sharing', 'sharing with a partner agency'), ('statistics', 'statistics that identify no one'), ('exercise', 'a drill'), ('rights', 'access, correction or erasure asked for by the person'), ('administration', 'administration of accounts, posts and agencies'), ('oversight', 'oversight by an auditor or the data protection officer'), ('maintenance', 'running the portal')], max_length=32, verbose_name='purpose')),
                ('object_type', models.CharField(blank=True, max_length=64, verbose_name='kind of object')),
                ('object_id', models.CharField(blank=True, max_length=64, verbose_name='object')),
                ('details', models.JSONField(blank=True, default=dict, verbose_name='details')),
                ('note', privacy.fields.SealedTextField(blank=True, null=True, seal='audit.entry.note', verbose_name='note')),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'ledger entries',
            },
        ),
        migrations.CreateModel(
            name='EntrySubject',
            fields=[
                ('pk', models.CompositePrimaryKey('entry_id', 'subject', blank=True, editable=False, primary_key=True, serialize=False)),
                ('entry', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='subjects', to='audit.entry')),
                ('subject', models.BinaryField(max_length=32, verbose_name='subject')),
            ],
            options={
                'verbose_name': 'subject of an entry',
                'verbose_name_plural': 'subjects of entries',
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='position')),
                ('previous', models.BinaryField(max_length=32)),
                ('digest', models.BinaryField(max_length=32)),
                ('entries', models.PositiveIntegerField(verbose_name='entries')),
                ('sealed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='sealed at')),
            ],
            options={
                'verbose_name': 'seal',
                'verbose_name_plural': 'seals',
            },
        ),
        migrations.CreateModel(
            name='SubjectSalt',
            fields=[
                ('person_id', models.UUIDField(primary_key=True, serialize=False)),
                ('salt', models.BinaryField(max_length=32)),
            ],
            options={
                'verbose_name': "subject's salt",
                'verbose_name_plural': "subjects' salts",
            },
        ),
        migrations.CreateModel(
            name='SealedEntry',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='sealed_under', serialize=False, to='audit.entry')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='audit.seal')),
                ('digest', models.BinaryField(max_length=32)),
            ],
            options={
                'verbose_name': 'sealed entry',
                'verbose_name_plural': 'sealed entries',
            },
        ),
        migrations.CreateModel(
            name='UnsealedEntry',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='waiting_for_seal', serialize=False, to='audit.entry')),
            ],
            options={
                'verbose_name': 'entry not yet sealed',
                'verbose_name_plural': 'entries not yet sealed',
            },
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['at'], name='audit_entry_at'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['object_type', 'object_id'], name='audit_entry_object'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['actor_kind', 'actor_id', 'at'], name='audit_entry_actor'),
        ),
        migrations.AddIndex(
            model_name='entrysubject',
            index=models.Index(fields=['subject'], name='audit_entrysubject_subject'),
        ),
    ]
