from django.apps import AppConfig


class RegistrationsConfig(AppConfig):
    name = "registrations"

    def ready(self) -> None:
        from advisories.ports import bind_audience
        from notifications.ports import Paths, bind_source
        from registrations.advice_audience import AdviceSource, advice_audience
        from registrations.sources import ChallengeSource

        bind_source("verification", ChallengeSource())
        bind_source("advice", AdviceSource(), Paths(stop="/stop/"))
        bind_audience(advice_audience)
