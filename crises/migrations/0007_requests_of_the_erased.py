from django.db import migrations, models

import privacy.fields


class Migration(migrations.Migration):
    dependencies = [("crises", "0006_fields_named_for_readers")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="erased_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="erased by the person at"
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="left_contact",
            field=privacy.fields.SealedTextField(
                max_length=254,
                null=True,
                owner="person_id",
                seal="crises.answer.left_contact",
                verbose_name="contact left with the request",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="erased_people",
            field=models.PositiveIntegerField(default=0, verbose_name="people erased since"),
        ),
    ]
