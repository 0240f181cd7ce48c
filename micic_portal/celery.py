"""The Celery application. Tasks are doorbells: they carry identifiers, never a person."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from micic_portal.collecting import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "micic_portal.settings")
app = Celery("micic_portal", task_cls="micic_portal.guarded_tasks:GuardedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _before_forking(**_told: Any) -> None:
    collect_seldom()
