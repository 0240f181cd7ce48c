"""The demo's pages of advice: complete in every language, and written as officers write them."""

from __future__ import annotations

import tomllib

import pytest
from django.conf import settings

from advisories.content import TEXT_FIELDS
from advisories.enums import Level, NumberKind
from advisories.models import Advice
from advisories.validation import dialled_numbers
from geography.countries import is_country
from micic_portal.demo import advice as demo
from micic_portal.demo.staff import ensure_demo_staff

LANGUAGES = {code for code, _name in settings.LANGUAGES}


def test_every_text_is_there_in_every_language():
    data = tomllib.loads(demo.DATA_FILE.read_text(encoding="utf-8"))
    texts = [
        data["invented"],
        *data["news"].values(),
        *data["own_lines"].values(),
        *data["dangers"].values(),
        *(page["summary"] for page in data["countries"]),
    ]
    assert all(text.keys() >= LANGUAGES and all(text.values()) for text in texts)
    assert {danger["section"] for danger in data["dangers"].values()} <= set(TEXT_FIELDS)
    for page in data["countries"]:
        assert is_country(page["country"])
        assert page["level"] in Level.values
        for kind, number in page["numbers"]:
            assert kind in NumberKind.values
            assert dialled_numbers(number) == [number]


@pytest.mark.django_db
def test_the_demo_writes_its_pages_once(monkeypatch):
    asked: list[bool] = []
    monkeypatch.setattr(demo.announce_digest, "delay", lambda: asked.append(True))
    ensure_demo_staff()
    demo.ensure_demo_advice()
    demo.ensure_demo_advice()
    data = tomllib.loads(demo.DATA_FILE.read_text(encoding="utf-8"))
    assert Advice.objects.published().count() == len(data["countries"])
    assert set(Advice.objects.published().values_list("level", flat=True)) == set(Level.values)
    draft = Advice.objects.drafts().get()
    assert (draft.country, draft.is_urgent, draft.written_by.name) == ("MX", True, "Ana Duarte")
    nepal = Advice.objects.public().for_country("NP").order_by("version")
    assert [version.state for version in nepal] == ["superseded", "published"]
    assert asked == [True, True]
