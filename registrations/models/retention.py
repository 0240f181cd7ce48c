"""How far a night's erasing has come, so that one that was interrupted goes on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.declarations import declare

# Counts of what stays are taken anew when a step begins anew; what was erased is gone for good.
KEPT = "kept_"


class RetentionRun(models.Model):
    """One run. `steps` holds {name: {"done": bool, "counts": {code: number}}}."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    moved_at = models.DateTimeField(_("last moved on at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # A random mark of the process at work: another may take over once it stands still.
    owner = models.UUIDField(_("process"), default=uuid.uuid4)
    resumed = models.PositiveSmallIntegerField(_("taken up again"), default=0)
    steps = models.JSONField(_("steps"), default=dict)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")
        constraints = [
            models.UniqueConstraint(
                fields=["finished_at"],
                condition=models.Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="one_retention_run_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    def is_done(self, name: str) -> bool:
        return bool(self.steps.get(name, {}).get("done"))

    def counts_of(self, name: str) -> dict[str, int]:
        return dict(self.steps.get(name, {}).get("counts", {}))

    def begin(self, name: str) -> None:
        erased = {
            code: number
            for code, number in self.counts_of(name).items()
            if not code.startswith(KEPT)
        }
        self.steps[name] = {"done": False, "counts": erased}

    def add(self, name: str, counts: Mapping[str, int]) -> None:
        total = self.counts_of(name)
        for code, number in counts.items():
            total[code] = total.get(code, 0) + number
        self.steps[name]["counts"] = total

    def end(self, name: str) -> None:
        self.steps[name]["done"] = True


declare(
    RetentionRun,
    purpose=_("Erase in time what is no longer needed, and account for it"),
    retention=_("Kept: counts only, about nobody."),
    about=(),
    plain={"id", "started_at", "moved_at", "finished_at", "owner", "resumed", "steps"},
)
