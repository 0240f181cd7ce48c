"""The one table that the bare loop and the task for each notice write."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    number = models.IntegerField()
    state = models.CharField(max_length=10)
    due_at = models.DateTimeField(null=True)

    objects: models.Manager[Notice] = models.Manager()

    class Meta:
        app_label = "peers"
        indexes = [
            models.Index(fields=["due_at"], name="due", condition=models.Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.number)
