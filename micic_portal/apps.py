from importlib import import_module

from django.apps import AppConfig


class MicicPortalConfig(AppConfig):
    """The top floor: settings, process entry points and the commands that need every app."""

    name = "micic_portal"

    def ready(self) -> None:
        import_module("micic_portal.checks")  # registers them
