from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from partners.replaying import bind_replayers
        from partners.retention_steps import bind_steps

        bind_replayers()
        bind_steps()
