"""The traveller's pages: start, and the steps of a registration."""

from registrations.views.ending import CheckAnswersView, ShowDoneView
from registrations.views.identity import ConfirmCodeView, EnterNameView
from registrations.views.optional import EnterFamilyView, GiveConsentsView
from registrations.views.start import StartView
from registrations.views.stays import AddStayView, EditStayView, RemoveStayView

__all__ = [
    "AddStayView",
    "CheckAnswersView",
    "ConfirmCodeView",
    "EditStayView",
    "EnterFamilyView",
    "EnterNameView",
    "GiveConsentsView",
    "RemoveStayView",
    "ShowDoneView",
    "StartView",
]
