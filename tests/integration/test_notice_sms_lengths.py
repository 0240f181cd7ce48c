"""Before a notice is approved its officers see how many parts it takes, why, and what it costs."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from crises import actions
from crises.sms_costs import cost_text
from crises.sms_lengths import SmsLength, sms_lengths
from notifications.channels.sms.models import SmsPrice
from tests.factories.crises import make_crisis, make_notice, make_people, make_submitted
from tests.factories.crisis_pages import signed_in

pytestmark = pytest.mark.django_db


def length(sms: str, language: str = "en") -> SmsLength:
    texts = {language: {"subject": "S", "body": "B", "sms": sms}}
    return {one.language: one for one in sms_lengths(make_notice(texts=texts))}[language]


def test_the_link_and_what_the_portal_adds_are_counted():
    found = length("Stay safe.")
    assert found.whole.units == found.frame.units + len("Stay safe.\n")
    assert found.frame.units > len("https://") + 43
    assert (found.whole.encoding, found.reason) == ("GSM-7", "")


def test_letters_that_cost_more_are_named():
    found = length("Vuelva aquí, está más cerca")
    assert found.whole.encoding == "UCS-2"
    assert "because of í á in your words" in found.reason


def test_what_is_not_the_officers_doing_is_said_to_be_the_portals():
    crisis = make_crisis(label="Katmandú")
    notice = make_notice(crisis)
    found = {one.language: one for one in sms_lengths(notice)}["en"]
    assert "because of ú in what the portal adds" in found.reason


def test_a_script_is_not_spelt_out():
    found = length("ابقوا في أماكنكم", "ar")
    assert found.whole.encoding == "UCS-2"
    assert found.reason.startswith("In this script")


def test_what_the_portal_adds_is_counted_in_as_many_parts_as_it_takes():
    notice = make_notice(make_crisis(label="Katmandú " * 9))
    found = {one.language: one for one in sms_lengths(notice)}["en"]
    left = found.frame.parts * 67 - found.frame.units
    assert found.frame.parts > 1
    assert f"{left} more fit into {found.frame.parts} parts." in found.room


def test_every_language_that_is_sent_in_is_counted():
    lengths = {one.language: one for one in sms_lengths(make_notice())}
    with translation.override("fr"):
        assert lengths["fr"].whole.parts >= 1
    assert set(lengths) >= {"en", "es", "fr", "ar"}


def test_the_page_shows_parts_and_no_invented_cost():
    make_people()
    notice = make_submitted()
    client = signed_in(notice.author)
    page = client.get(reverse("review_notice", args=[notice.pk])).content.decode()
    assert "English: 1 part (" in page or "English: 2 parts (" in page
    assert "Cost of the text messages" not in page


def test_beside_the_field_stands_how_long_it_is():
    notice = make_notice()
    client = signed_in(notice.author)
    page = client.get(reverse("write_notice", args=[notice.pk])).content.decode()
    assert "As saved: " in page
    assert "The portal adds " in page  # French was left empty.


def test_the_cost_says_what_it_rests_on():
    SmsPrice.objects.create(country="NP", price="0.1", currency="EUR")
    make_people(3)
    notice = make_submitted()
    parts = {one.language: one.whole.parts for one in sms_lengths(notice)}
    said = cost_text(notice, sms_lengths(notice))
    shares = notice.sms_shares or {}
    [language] = shares["languages"]
    expected = 3 * parts[language] * 0.1
    assert shares["sms"] == 0.5
    assert f"About {expected:.2f} EUR" in said
    assert "as if each number were of the country in which its owner stays" in said
    client = signed_in(notice.author)
    assert said in client.get(reverse("review_notice", args=[notice.pk])).content.decode()


def test_a_country_without_a_price_is_named_and_never_guessed():
    SmsPrice.objects.create(country="MX", price="0.1", currency="EUR")
    make_people(3)
    notice = make_submitted()
    assert cost_text(notice, sms_lengths(notice)) == ""
    notice.sms_shares = {**(notice.sms_shares or {}), "countries": {"NP": 0.5, "MX": 0.5}}
    assert "no price is loaded: Nepal" in cost_text(notice, sms_lengths(notice))


def test_an_exercise_tells_no_count_by_its_cost():
    SmsPrice.objects.create(country="NP", price="0.1", currency="EUR")
    make_people(3)
    notice = make_submitted(make_crisis(is_drill=True))
    assert notice.sms_shares is None
    assert cost_text(notice, sms_lengths(notice)) == ""


def test_a_submission_anew_counts_anew():
    make_people(2)
    notice = make_submitted()
    actions.withdraw_notice(notice=notice, by=notice.author)
    again = actions.submit_notice(notice=notice, by=notice.author)
    assert (again.sms_shares or {})["sms"] == 0.5
