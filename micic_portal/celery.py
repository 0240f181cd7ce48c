"""The Celery application. Tasks are doorbells: they carry identifiers, never a person."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "micic_portal.settings")
app = Celery("micic_portal", task_cls="micic_portal.guarded_tasks:GuardedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
