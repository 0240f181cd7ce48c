from django.apps import AppConfig


class RegistrationsConfig(AppConfig):
    name = "registrations"

    def ready(self) -> None:
        from advisories.ports import bind_audience
        from notifications.ports import Paths, bind_source
        from registrations.actions.steps import bind_steps
        from registrations.advice_audience import AdviceSource, advice_audience
        from registrations.deliveries import DeliveryEraser
        from registrations.erasing import bind_eraser
        from registrations.family import FAMILY, FamilySource
        from registrations.index_sources import bind_index_sources
        from registrations.invitations import INVITATION, InvitationSource
        from registrations.reminders import REMINDER, ReminderSource
        from registrations.replaced import REPLACED, ReplacedSource
        from registrations.replaying import bind_replayers
        from registrations.sources import ChallengeSource
        from registrations.stopping import STOP_PATH
        from registrations.stops import bind_stops

        bind_index_sources()
        bind_source("verification", ChallengeSource())
        bind_source(REMINDER, ReminderSource(), Paths(link="/still/", stop=STOP_PATH))
        bind_source(FAMILY, FamilySource(), Paths(link="/listed/"))
        bind_source(REPLACED, ReplacedSource())
        bind_source(INVITATION, InvitationSource(), Paths(link="/i/"))
        bind_stops()
        bind_source("advice", AdviceSource(), Paths(stop="/stop/"))
        bind_audience(advice_audience)
        # After those of the floors above, which look up what was sent: they go by name.
        bind_eraser("deliveries", DeliveryEraser())
        bind_steps()
        bind_replayers()
