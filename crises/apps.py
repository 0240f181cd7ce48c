from django.apps import AppConfig


class CrisesConfig(AppConfig):
    name = "crises"

    def ready(self) -> None:
        from crises.retention import held_by_open_crises
        from crises.sources import CrisisSource
        from notifications.ports import bind_source
        from registrations.retention import bind_veto

        bind_source("crisis", CrisisSource())
        bind_veto("crises", held_by_open_crises)
