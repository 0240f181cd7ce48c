"""Notices to focal points: who gets them, what they ask, and the second officer as ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from audit.actors import Actor
from crises import actions
from crises.audience import audience
from crises.enums import ALL_CLASSES, DEFAULT_CLASSES, NoticeKind
from crises.models import Crisis, Notice
from crises.previewing import preview
from crises.sources import CrisisSource
from crises.texts import compose
from geography.areas import Area
from geography.models import Place
from notifications.models import Delivery, MessageText
from notifications.ports import Opened, Withheld
from registrations.actions import agree_to_relay, withdraw_consent
from registrations.answers import ContactAnswer
from registrations.models import ContactPoint, Person
from tests.factories.crises import (
    KATHMANDU,
    TEXTS,
    area_of,
    make_crisis,
    make_people,
    second_officer,
    token_of,
)
from tests.factories.registrations import make_person, make_places, pin_stay

pytestmark = pytest.mark.django_db
RELAY = NoticeKind.RELAY


def make_focal_point(place: Place, number: int = 0) -> Person:
    """Someone whose own stay is far away, and who agreed to pass word on at a place."""
    person = make_person(
        name="Tashi Focal",
        contacts=(ContactAnswer("mail", f"focal{number}@example.org", verified_at=timezone.now()),),
        stays=(pin_stay(-33.4, -70.6, country="CL"),),
    )
    by = Actor.traveller(person.pk)
    agree_to_relay(person_id=person.pk, place=place, community="Monastery", by=by)
    return person


def people_of(area: Area, classes=DEFAULT_CLASSES) -> set[object]:
    now = timezone.now()
    found = audience(area, now, now + timedelta(hours=72), classes, kind=RELAY)
    return set(found.values_list("person_id", flat=True))


@pytest.fixture
def places() -> dict[str, Place]:
    return make_places()


@pytest.fixture
def focal(places) -> Person:
    return make_focal_point(places["Kathmandu NP"])


def make_relay(crisis: Crisis | None = None) -> Notice:
    crisis = crisis or make_crisis()
    notice = actions.start_notice(
        crisis=crisis, area=area_of(crisis), by=crisis.opened_by, kind=RELAY
    )
    return actions.write_notice(
        notice=notice,
        urgency="Immediate",
        severity="Severe",
        certainty="Observed",
        expires_at=timezone.now() + timedelta(hours=24),
        texts=TEXTS,
        by=crisis.opened_by,
    )


def freeze(notice: Notice) -> Notice:
    notice = actions.submit_notice(notice=notice, by=notice.author)
    actions.approve_notice(notice=notice, by=second_officer(notice))
    actions.freeze_notice(notice.pk)
    notice.refresh_from_db()
    return notice


class TestAudience:
    def test_focal_points_there_and_nobody_else(self, places, focal):
        make_people(2)
        make_focal_point(places["Santiago CL"], 1)
        assert people_of(KATHMANDU) == {focal.pk}

    def test_one_whose_town_lies_outside_is_somewhere_in_the_country(self, focal):
        far = Area.circle(28.9, 83.9, 10)
        assert people_of(far) == set()
        assert people_of(far, ALL_CLASSES) == {focal.pk}

    def test_a_whole_country_takes_all_of_its_focal_points(self, focal):
        assert people_of(Area.countries(["NP"])) == {focal.pk}
        assert people_of(Area.countries(["CL"])) == set()

    def test_proved_addresses_and_standing_consents_only(self, focal):
        withdraw_consent(person_id=focal.pk, purpose="crisis_contact", by=Actor.traveller(focal.pk))
        assert people_of(KATHMANDU) == set()

    def test_an_unproved_address_gets_nothing(self, focal):
        ContactPoint.objects.update(verified_at=None)
        assert people_of(KATHMANDU) == set()
        now = timezone.now()
        found = preview(KATHMANDU, now, now + timedelta(hours=72), DEFAULT_CLASSES, kind=RELAY)
        assert (found.people, found.messages, found.unreachable) == (1, 0, 1)

    def test_the_preview_counts_them(self, focal):
        make_people(3)
        now = timezone.now()
        found = preview(KATHMANDU, now, now + timedelta(hours=72), DEFAULT_CLASSES, kind=RELAY)
        assert (found.people, found.messages) == (1, 1)
        assert found.by_match == {"possibly": 1}
        assert found.by_country == {"NP": 1}
        assert found.by_language == {"es": 1}


class TestSending:
    def test_it_goes_to_the_focal_point_after_the_same_approval(self, focal):
        make_people(2)
        notice = freeze(make_relay())
        assert notice.state == "sending"
        assert (notice.frozen_count, notice.frozen_people) == (1, 1)
        assert Delivery.objects.get(message=notice.message).subject_id == focal.pk

    def test_its_author_cannot_approve_it(self, focal):
        notice = make_relay()
        notice = actions.submit_notice(notice=notice, by=notice.author)
        with pytest.raises(actions.Refused):
            actions.approve_notice(notice=notice, by=notice.author)

    def test_to_whom_it_goes_is_part_of_what_was_approved(self, focal):
        notice = make_relay()
        notice = actions.submit_notice(notice=notice, by=notice.author)
        actions.approve_notice(notice=notice, by=second_officer(notice))
        Notice.objects.filter(pk=notice.pk).update(kind=NoticeKind.NOTICE)
        assert actions.freeze_notice(notice.pk) == "submitted"
        assert not Delivery.objects.exists()

    def test_a_notice_from_before_keeps_its_digest(self):
        crisis = make_crisis()
        notice = actions.start_notice(crisis=crisis, area=area_of(crisis), by=crisis.opened_by)
        plain = notice.digest_of_content()
        notice.kind = RELAY
        assert notice.digest_of_content() != plain

    def test_with_nobody_to_pass_it_on_it_cannot_be_submitted(self):
        make_people(2)
        notice = make_relay()
        with pytest.raises(actions.Refused):
            actions.submit_notice(notice=notice, by=notice.author)

    def test_the_database_knows_two_kinds_only(self, focal):
        notice = make_relay()
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(kind="gossip")


class TestWords:
    def test_the_first_line_after_place_and_time_asks_to_pass_it_on(self, focal):
        for text in compose(make_relay()):
            with translation.override(text.language):
                mail = translation.gettext(
                    "Please pass this on to our citizens around you, as you agreed to."
                )
                sms = translation.gettext("Please pass this on.")
            assert text.body.split("\n\n")[1] == mail
            assert text.sms.splitlines()[1] == sms

    def test_a_usual_notice_does_not(self):
        crisis = make_crisis()
        notice = actions.start_notice(crisis=crisis, area=area_of(crisis), by=crisis.opened_by)
        notice = actions.write_notice(
            notice=notice, urgency="Past", severity="Minor", certainty="Likely", texts=TEXTS,
            expires_at=timezone.now() + timedelta(hours=1), by=crisis.opened_by,
        )  # fmt: skip
        assert not any("pass this on" in text.body + text.sms for text in compose(notice))

    def test_it_names_nobody_who_is_there(self, focal):
        make_people(3, name="Zorrilla Quirina")
        notice = freeze(make_relay())
        assert MessageText.objects.count() == len(settings.LANGUAGES)
        for text in MessageText.objects.filter(message=notice.message):
            for personal in ("Zorrilla", "person0@example.org", "9841200000", "Tashi"):
                assert personal not in text.subject + text.body + text.sms


class TestAnswering:
    def opened(self, notice: Notice) -> list[Opened | Withheld]:
        rows = list(Delivery.objects.filter(message=notice.message))
        ids = [row.recipient_id for row in rows]
        return list(CrisisSource().open(ids, "crisis", deliveries=rows).values())

    def test_the_answer_page_works_as_usual(self, client, focal):
        notice = freeze(make_relay())
        address = f"/a/{token_of(notice, focal)}/"
        assert client.get(address).status_code == 200
        assert client.post(address, {"choice": "need_help"}).status_code == 302

    def test_who_is_safe_still_passes_word_on_and_who_has_left_does_not(self, focal):
        notice = freeze(make_relay())
        actions.record_answer(token=token_of(notice, focal), choice="safe")
        assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}
        assert all(isinstance(one, Opened) for one in self.opened(notice))
        actions.record_answer(token=token_of(notice, focal), choice="left")
        assert self.opened(notice) == [Withheld("answered")]

    def test_who_stopped_this_crisis_is_asked_no_more(self, focal):
        notice = freeze(make_relay())
        actions.stop_for_person(crisis=notice.crisis, person_id=focal.pk)
        assert self.opened(notice) == [Withheld("stopped")]


class TestTheRoom:
    def test_the_officer_chooses_it_and_sees_it_until_the_approval(self, client, focal):
        make_people(2)
        crisis = make_crisis()
        client.force_login(crisis.opened_by)
        asked = {
            "kind": "relay",
            "window_start": timezone.now().strftime("%Y-%m-%dT%H:%M"),
            "window_end": (timezone.now() + timedelta(hours=72)).strftime("%Y-%m-%dT%H:%M"),
            "match_classes": ["inside", "possibly"],
            "confidences": ["confirmed", "stale"],
        }
        people = reverse("preview_audience", args=[crisis.pk])
        page = client.get(people, asked).content.decode()
        assert "Focal points there" in page
        assert "1 message" in page
        assert 'name="kind" value="relay"' in page
        response = client.post(people, asked)
        notice = Notice.objects.get()
        assert (notice.kind, response["Location"]) == (
            "relay",
            reverse("write_notice", args=[notice.pk]),
        )
        page = client.get(response["Location"]).content.decode()
        assert "Focal points there, to pass it on" in page
        assert "kind=relay" in page
        page = client.get(reverse("review_notice", args=[notice.pk])).content.decode()
        assert "Focal points there, to pass it on" in page

    def test_without_a_choice_it_goes_to_everyone(self, client):
        make_people(1)
        crisis = make_crisis()
        client.force_login(crisis.opened_by)
        page = client.get(reverse("preview_audience", args=[crisis.pk])).content.decode()
        assert "Who is there" in page
        assert 'name="kind" value="notice"' in page
