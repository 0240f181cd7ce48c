from django.apps import AppConfig


class RegistrationsConfig(AppConfig):
    name = "registrations"

    def ready(self) -> None:
        from notifications.ports import bind_source
        from registrations.sources import ChallengeSource

        bind_source("verification", ChallengeSource())
