"""My registration: what a person sees and changes after signing in."""

from __future__ import annotations

from django.urls import path

from registrations.views import (
    erasing,
    mine,
    mine_consents,
    mine_contacts,
    mine_data,
    mine_facts,
    mine_people,
    mine_stays,
)

_STAY = "stays/<uuid:stay_id>/"
_CONTACT = "contacts/<uuid:contact_id>/"
_COMPANION = "companions/<uuid:companion_id>/"
_FAMILY = "family/<uuid:contact_id>/"

urlpatterns = [
    path("", mine.ReadRegistrationView.as_view(), name="read_registration"),
    path("erase/", erasing.EraseRegistrationView.as_view(), name="erase_registration"),
    path("stays/", mine_stays.AddOwnStayView.as_view(), name="add_own_stay"),
    path(_STAY, mine_stays.ChangeOwnStayView.as_view(), name="change_own_stay"),
    path(f"{_STAY}last-day/", mine_stays.ChangeLastDayView.as_view(), name="change_last_day"),
    path(f"{_STAY}left/", mine_stays.LeaveOwnStayView.as_view(), name="leave_own_stay"),
    path(f"{_STAY}back/", mine_stays.ReturnToOwnStayView.as_view(), name="return_to_own_stay"),
    path(f"{_STAY}right/", mine_stays.ConfirmOwnStayView.as_view(), name="confirm_own_stay"),
    path("reminders/", mine_stays.ResumeRemindersView.as_view(), name="resume_reminders"),
    path(f"{_STAY}remove/", mine_stays.RemoveOwnStayView.as_view(), name="remove_own_stay"),
    path("contacts/", mine_contacts.AddContactView.as_view(), name="add_contact"),
    path("contacts/code/", mine_contacts.ConfirmContactView.as_view(), name="confirm_contact"),
    path("contacts/browser/", mine_contacts.AddBrowserView.as_view(), name="add_browser"),
    path(_CONTACT, mine_contacts.ReadContactView.as_view(), name="read_contact"),
    path(f"{_CONTACT}new/", mine_contacts.ReplaceContactView.as_view(), name="replace_contact"),
    path(f"{_CONTACT}abroad/", mine_contacts.SetWorksAbroadView.as_view(), name="set_works_abroad"),
    path(f"{_CONTACT}remove/", mine_contacts.RemoveContactView.as_view(), name="remove_contact"),
    path("companions/", mine_people.AddOwnCompanionView.as_view(), name="add_own_companion"),
    path(_COMPANION, mine_people.ChangeOwnCompanionView.as_view(), name="change_own_companion"),
    path(
        f"{_COMPANION}remove/",
        mine_people.RemoveOwnCompanionView.as_view(),
        name="remove_own_companion",
    ),
    path("family/", mine_people.AddOwnFamilyView.as_view(), name="add_own_family"),
    path(_FAMILY, mine_people.ChangeOwnFamilyView.as_view(), name="change_own_family"),
    path(f"{_FAMILY}remove/", mine_people.RemoveOwnFamilyView.as_view(), name="remove_own_family"),
    path("about/", mine_facts.ChangeFactsView.as_view(), name="change_facts"),
    path("needs/", mine_facts.ChangeNeedsView.as_view(), name="change_needs"),
    path("statistics/", mine_facts.ChangeStatisticsView.as_view(), name="change_statistics"),
    path("group/leave/", mine_facts.LeaveGroupView.as_view(), name="leave_group"),
    path("word/", mine_facts.BecomeFocalPointView.as_view(), name="become_focal_point"),
    path("word/stop/", mine_facts.StopFocalPointView.as_view(), name="stop_focal_point"),
    path("consents/", mine_consents.ReadConsentsView.as_view(), name="read_consents"),
    path("consents/new/", mine_consents.RenewConsentsView.as_view(), name="renew_consents"),
    path("consents/give/", mine_consents.GiveConsentView.as_view(), name="give_consent"),
    path("stop/", mine_consents.StopConsentView.as_view(), name="stop_consent"),
    path("consents/notices/", mine_consents.StopNoticesView.as_view(), name="stop_notices"),
    path("access/", mine_data.ReadAccessLogView.as_view(), name="read_access_log"),
    path("download/", mine_data.ShowDownloadsView.as_view(), name="show_downloads"),
    path("download/data/", mine_data.DownloadDataView.as_view(), name="download_data"),
    path("download/page/", mine_data.DownloadPageView.as_view(), name="download_page"),
]
