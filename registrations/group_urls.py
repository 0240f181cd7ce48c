"""The pages of groups: for who organises one, and for who joins one."""

from __future__ import annotations

from django.urls import path, register_converter

from registrations.views import group_pages, groups, uploads


class FileForm:
    """What a list is downloaded as."""

    regex = "csv|xlsx"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(FileForm, "file_form")

_GROUP = "groups/<uuid:pk>/"
_UPLOAD = "groups/<uuid:pk>/lists/<uuid:upload>/"

urlpatterns = [
    path("groups/", groups.ManageGroupsView.as_view(), name="manage_groups"),
    path("groups/new/", groups.RegisterGroupView.as_view(), name="register_group"),
    path("groups/new/where/", groups.AddGroupStayView.as_view(), name="add_group_stay"),
    path("groups/code/", groups.ConfirmOrganiserView.as_view(), name="confirm_organiser"),
    path("groups/leave/", group_pages.LeaveGroupsView.as_view(), name="leave_groups"),
    path(
        "groups/template.<file_form:form>",
        uploads.DownloadTemplateView.as_view(),
        name="download_template",
    ),
    path(_GROUP, group_pages.ShowGroupView.as_view(), name="show_group"),
    path(f"{_GROUP}link/", group_pages.RenewGroupLinkView.as_view(), name="renew_group_link"),
    path(f"{_GROUP}erase/", group_pages.EraseGroupView.as_view(), name="erase_group"),
    path(f"{_GROUP}lists/", uploads.UploadPeopleView.as_view(), name="upload_people"),
    path(_UPLOAD, uploads.ShowUploadView.as_view(), name="show_upload"),
    path(
        f"{_UPLOAD}wrong.<file_form:form>",
        uploads.DownloadWrongRowsView.as_view(),
        name="download_wrong_rows",
    ),
    path("g/<str:token>/", group_pages.JoinGroupView.as_view(), name="join_group"),
]
