"""A crisis whose notice waits for approval, an imported alert, and every page's address."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from crises import actions
from crises.alert_files import read_alert
from crises.models import AlertImport, Notice
from tests.factories.crises import make_people, make_submitted
from tests.factories.crisis_pages import (
    ALERTS,
    CRISIS_BUTTONS,
    CRISIS_PAGES,
    DRAFT_PAGES,
    NOTICE_BUTTONS,
    NOTICE_PAGES,
    OPEN_PAGES,
    REASONED,
    REPLY_PAGES,
)


@pytest.fixture
def notice() -> Notice:
    make_people(1)
    return make_submitted()


@pytest.fixture
def imported(notice: Notice) -> AlertImport:
    alert = read_alert((ALERTS / "ph.cap").read_bytes())
    return actions.import_alert(alert=alert, by=notice.author)


@pytest.fixture
def urls(notice: Notice, imported: AlertImport) -> dict[str, str]:
    """Every address of the officers' crisis pages, by its name."""
    named = {name: reverse(name) for name in OPEN_PAGES}
    named |= {name: reverse(name, args=[notice.crisis_id]) for name in CRISIS_PAGES}
    named |= {name: reverse(name, args=[notice.crisis_id]) for name in CRISIS_BUTTONS}
    for name in (*NOTICE_PAGES, *NOTICE_BUTTONS, *REASONED):
        named[name] = reverse(name, args=[notice.pk])
    named["show_area"] = reverse("show_area", args=[notice.area_id])
    for name in ("review_import", "show_import_area"):
        named[name] = reverse(name, args=[imported.pk])
    named["choose_alert"] = reverse("choose_alert", args=[imported.file])
    draft = actions.start_draft(by=notice.author)
    named |= {name: reverse(name, args=[draft.pk]) for name in DRAFT_PAGES}
    for name in REPLY_PAGES:
        named[name] = reverse(name, args=[notice.crisis_id, uuid.uuid4()])
    named["read_person"] = reverse("read_person", args=[notice.crisis_id, uuid.uuid4()])
    return named
