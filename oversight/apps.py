from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "oversight"

    def ready(self) -> None:
        from oversight.actions import bind_steps
        from oversight.foreign_tables import declare_foreign_tables

        declare_foreign_tables()
        bind_steps()
