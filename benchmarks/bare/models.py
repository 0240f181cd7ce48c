"""One row of plain text."""

from __future__ import annotations

from django.db import models


class Row(models.Model):
    name = models.CharField(max_length=300)
    mail = models.EmailField()
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField(auto_now_add=True)
    # Named, because the app is installed by the benchmark alone and type checkers do not see it.
    objects: models.Manager[Row] = models.Manager()

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return str(self.pk)
