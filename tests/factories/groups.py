"""Groups to test with, and lists of their people as bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

from registrations.answers import stay_to_json
from registrations.contacts import index_of
from registrations.models import Group
from registrations.validation import MailAddress
from tests.factories.registrations import pin_stay, today

HEADINGS = ["Full name", "Email address"]


def make_group(organiser_mail: str = "marta@example.org", **changes: Any) -> Group:
    given: dict[str, Any] = {
        "kind": "school",
        "name": "Colegio Sur",
        "organiser_name": "Marta Ríos",
        "organiser_mail": organiser_mail,
        "organiser_index": index_of(MailAddress(organiser_mail)),
        "language": "es",
        "stays": [stay_to_json(pin_stay())],
        "ends_on": today() + dt.timedelta(days=7),
    }
    return Group.objects.create(**(given | changes))


def csv_of(
    rows: Iterable[Sequence[str]],
    headings: Sequence[str] = HEADINGS,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Iterable[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [headings, *rows]:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
