"""Nothing but what the peers need: no middleware, no pages, connections that are kept."""

from __future__ import annotations

import os

from micic_portal.environment import database_from_url

SECRET_KEY = "of-a-measurement"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes", "post_office", "benchmarks.peers"]
DATABASES = {
    "default": database_from_url(os.environ.get("DATABASE_URL", ""))
    | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DEFAULT_FROM_EMAIL = "warnings@capital.example"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
LOGGING_CONFIG = None
