"""The traveller's pages: start, and the steps of a registration."""

from registrations.views.ending import CheckAnswersView, ShowDoneView
from registrations.views.identity import ConfirmCodeView, EnterNameView
from registrations.views.optional import GiveConsentsView
from registrations.views.people import EnterPeopleView
from registrations.views.saving import FinishVisitView, SaveForLaterView, ShowSavedView
from registrations.views.start import StartView
from registrations.views.stays import AddStayView, EditStayView, RemoveStayView

__all__ = [
    "AddStayView",
    "CheckAnswersView",
    "ConfirmCodeView",
    "EditStayView",
    "EnterNameView",
    "EnterPeopleView",
    "FinishVisitView",
    "GiveConsentsView",
    "RemoveStayView",
    "SaveForLaterView",
    "ShowDoneView",
    "ShowSavedView",
    "StartView",
]
