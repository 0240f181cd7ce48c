"""What an organiser does with a list on its pages."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.actors import Actor
from registrations import actions
from registrations.enums import UploadState
from registrations.models import Group, Upload

BY = Actor.system("tests")


def send(client: Client, group: Group, content: bytes, name: str = "list.csv") -> str:
    """The problem with the file, or "" when it was taken to be checked."""
    response = client.post(
        reverse("upload_people", kwargs={"pk": group.pk}),
        {"file": SimpleUploadedFile(name, content)},
    )
    if response.status_code == 302:
        return ""
    return str(response.context["form"].errors["file"][0])


def checked(client: Client, group: Group, content: bytes) -> Upload:
    assert send(client, group, content) == ""
    upload = Upload.objects.latest("created_at")
    actions.check_upload(upload_id=upload.pk)
    upload.refresh_from_db()
    return upload


def rows_of(upload: Upload) -> list[list[str]]:
    assert upload.rows is not None
    rows: list[list[str]] = upload.rows["rows"]
    return rows


def problems_of(upload: Upload) -> list[dict[str, Any]]:
    assert upload.problems is not None
    problems: list[dict[str, Any]] = upload.problems
    return problems


def page(client: Client, upload: Upload) -> str:
    kwargs = {"pk": upload.group_id, "upload": upload.pk}
    response = client.get(reverse("show_upload", kwargs=kwargs))
    assert response.status_code == 200
    return response.content.decode()


def choose(client: Client, upload: Upload, choice: str) -> None:
    kwargs = {"pk": upload.group_id, "upload": upload.pk}
    assert client.post(reverse("show_upload", kwargs=kwargs), {"choice": choice}).status_code == 302
    upload.refresh_from_db()


def take(client: Client, upload: Upload) -> None:
    choose(client, upload, "take")
    assert upload.state == UploadState.TAKING
    actions.take_upload(upload_id=upload.pk, by=BY)
    upload.refresh_from_db()


def download(client: Client, upload: Upload, form: str) -> list[list[str]]:
    kwargs = {"pk": upload.group_id, "upload": upload.pk, "form": form}
    response = client.get(reverse("download_wrong_rows", kwargs=kwargs))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    if form == "csv":
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value)
    return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
