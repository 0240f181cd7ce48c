from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrisesConfig(AppConfig):
    name = "crises"

    def ready(self) -> None:
        from crises.actions.replying import sender_again
        from crises.announcing import announced_crises
        from crises.confirming import PURPOSE as CONFIRMATION
        from crises.confirming import ConfirmationSource
        from crises.erasing import CrisisEraser
        from crises.inbound import CrisisInbound
        from crises.models import IncomingReply, Submission
        from crises.proofs import PATH, PURPOSE, ProofSource
        from crises.replaying import bind_replayers
        from crises.retention import held_by_open_crises
        from crises.retention_steps import bind_steps
        from crises.sources import CrisisSource
        from crises.takeout import answers_of, replies_of, stops_of
        from notifications.ports import Paths, bind_inbound, bind_source
        from privacy.index_sources import IndexSource, bind_index_source
        from registrations.current_crises import bind_current_crises
        from registrations.erasing import bind_eraser
        from registrations.retention import bind_veto
        from registrations.takeout import bind_keeper

        bind_source("crisis", CrisisSource(), Paths(link="/a/", stop="/a/stop/"))
        bind_source(PURPOSE, ProofSource(), Paths(link=PATH))
        bind_source(CONFIRMATION, ConfirmationSource())
        bind_inbound(CrisisInbound())
        bind_current_crises(announced_crises)
        bind_eraser("crises", CrisisEraser())
        bind_steps()
        bind_veto("crises", held_by_open_crises)
        bind_keeper("answers", answers_of, title=_("Your answers in a crisis"))
        bind_keeper("stopped_notices", stops_of, title=_("Crises whose notices you stopped"))
        bind_keeper("replies", replies_of, title=_("Texts you sent that an officer has to read"))
        bind_replayers()
        bind_index_source(
            # What was typed is not kept. A form is sent twice within minutes, or never.
            IndexSource(
                Submission,
                "key",
                lambda row: None,
                kept=lambda rows: "with their crisis, and needed for minutes",
                lasting=False,
            )
        )
        bind_index_source(IndexSource(IncomingReply, "sender_index", sender_again))
