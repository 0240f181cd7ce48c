"""What people read: place and time first, a drill said to be one, no language left empty."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import translation

from crises import actions
from crises.models import AffectedArea
from crises.texts import compose, sample_messages
from notifications.models import MessageText
from tests.factories.crises import make_crisis, make_frozen, make_notice, make_people

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def texts(notice):
    return {text.language: text for text in compose(notice, MOMENT)}


def test_place_and_time_stand_in_the_first_line():
    notice = make_notice()
    AffectedArea.objects.update(time_zone="Asia/Kathmandu")
    notice.area.refresh_from_db()
    written = texts(notice)
    assert written["en"].body.splitlines()[0].startswith("Kathmandu, within 40 km — ")
    assert "14:30 UTC (20:15 there)" in written["en"].body.splitlines()[0]
    assert written["en"].sms.splitlines()[0].startswith("Kathmandu, within 40 km")
    assert "{link}" in written["en"].body
    assert "{link}" in written["en"].sms
    assert "+97714411223" in written["en"].body
    assert "+97714411223" in written["en"].sms
    assert "Follow the authorities." in written["en"].body
    assert "Siga a las autoridades." in written["es"].body


def test_every_language_has_a_text_and_says_when_the_words_are_another_s():
    written = texts(make_notice())
    assert set(written) == {code for code, _name in settings.LANGUAGES}
    with translation.override("fr"):
        sorry = translation.gettext(
            "(This notice could not be translated into your language in time.)"
        )
    assert sorry in written["fr"].body
    assert "Follow the authorities." in written["fr"].body
    assert sorry not in written["en"].body


def test_without_the_default_language_the_first_written_one_stands_in():
    only = {"es": {"subject": "A salvo", "body": "Siga.", "sms": "Siga."}}
    assert "Siga." in texts(make_notice(texts=only))["en"].body


def test_a_drill_says_so_in_subject_first_line_and_sms_of_each_language():
    notice = make_notice(make_crisis(is_drill=True))
    for text in compose(notice):
        with translation.override(text.language):
            word = translation.gettext("EXERCISE")
            line = translation.gettext("EXERCISE. EXERCISE. This is only a test.")
        assert text.subject.startswith(word)
        assert text.body.splitlines()[0] == line
        assert text.sms.startswith(word)


def test_real_notices_do_not():
    assert not any("EXERCISE" in text.body + text.subject for text in compose(make_notice()))


def test_placeholders_are_filled_and_brackets_in_a_label_do_no_harm():
    crisis = make_crisis(label="Valley {north}")
    words = {"en": {"subject": "{place}", "body": "{place} {telephone}", "sms": "{place}"}}
    text = texts(make_notice(crisis, texts=words))["en"]
    assert text.subject == "Valley (north)"
    assert "Valley (north) +97714411223" in text.body
    make_people(1)
    make_frozen(crisis, texts=words)
    assert MessageText.objects.count() == len(settings.LANGUAGES)


@pytest.mark.parametrize("name", ["subject", "body", "sms"])
def test_a_link_of_the_officers_own_is_refused(name):
    words = {"subject": "Go", "body": "Go", "sms": "Go", name: "Go: {link}."}
    with pytest.raises(actions.Refused, match="link"):
        make_notice(texts={"en": words})


def test_samples_show_each_written_language_by_mail_and_sms():
    samples = sample_messages(make_notice())
    assert [(one.language, bool(one.subject)) for one in samples] == [
        ("es", True),
        ("es", False),
        ("en", True),
        ("en", False),
    ]
    assert all("{" not in one.body for one in samples)


def test_a_place_without_its_clock_shows_utc():
    notice = make_notice()
    notice.area.time_zone = "Nowhere/At_All"
    assert "(14:30 there)" in compose(notice, MOMENT)[1].body
