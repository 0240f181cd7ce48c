from django.apps import AppConfig


class CrisesConfig(AppConfig):
    name = "crises"

    def ready(self) -> None:
        from crises.sources import CrisisSource
        from notifications.ports import bind_source

        bind_source("crisis", CrisisSource())
