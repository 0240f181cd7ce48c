"""Models that exist only in tests: rows with every kind of sealed field, owned by a keeper."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.apps.registry import Apps
from django.db import models

from privacy.blind_index import BlindIndexField
from privacy.fields import SealedDateField, SealedJSONField, SealedTextField

# A registry of their own, so that migrations, checks and declarations never see them.
registry = Apps()


class Keeper(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)

    objects: ClassVar[models.Manager[Keeper]] = models.Manager()

    class Meta:
        apps = registry
        app_label = "sealed_rows"

    def __str__(self) -> str:
        return "keeper"


class Letter(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    keeper = models.ForeignKey(Keeper, models.CASCADE)
    topic = models.CharField(max_length=20, default="")
    text = SealedTextField(seal="tests.letter.text", owner="keeper_id", max_length=200)
    data = SealedJSONField(seal="tests.letter.data", owner="keeper_id", null=True, blank=True)
    day = SealedDateField(seal="tests.letter.day", owner="keeper_id", null=True, blank=True)
    remark = SealedTextField(seal="tests.letter.remark", null=True, blank=True)
    text_index = BlindIndexField(null=True, db_index=True)

    keeper_id: uuid.UUID
    objects: ClassVar[models.Manager[Letter]] = models.Manager()

    class Meta:
        apps = registry
        app_label = "sealed_rows"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(topic="signed") | models.Q(remark__isnull=False),
                name="letter_signed_has_remark",
            )
        ]

    def __str__(self) -> str:
        return "letter"
