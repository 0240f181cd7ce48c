"""Registering on one screen while a crisis is open: saved at once, once, and proved later."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from crises import actions
from crises.audience import audience
from crises.enums import DEFAULT_CLASSES
from crises.models import Answer, Crisis, Notice, Submission
from crises.previewing import preview
from crises.reporting import live_figures
from geography.folding import fold
from geography.models import Place, PlaceName
from notifications.links import token_for
from notifications.models import Delivery, Message
from registrations import limits
from registrations.models import ContactPoint, Person, PersonKey, Report, Stay
from registrations.references import reference_of
from tests.factories.crises import KATHMANDU, make_crisis, make_frozen
from tests.factories.crisis_forms import (
    REGISTER,
    arrived,
    make_known_crisis,
    page,
    proof_address,
    register,
)
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisis() -> Crisis:
    caches["limits"].clear()
    return make_known_crisis()


def form_address(crisis: Crisis) -> str:
    return reverse("register_in_crisis", args=[crisis.pk])


def add_twin(town: Place, **where: float) -> None:
    """Another town of the same name in the same country."""
    twin = Place.objects.get(pk=town.pk)
    twin.pk, twin.admin1 = 999, "07"
    for name, value in where.items():
        setattr(twin, name, value)
    twin.save(force_insert=True)
    folded = fold(town.name)
    PlaceName.objects.create(place=twin, folded=folded, country=town.country, population=1)


class TestTheScreen:
    def test_the_first_page_leads_to_it_with_the_number(self, client, crisis):
        start = page(client, reverse("start"))
        assert crisis.title in start
        assert form_address(crisis) in start
        assert reverse("report_relative", args=[crisis.pk]) in start
        assert 'href="tel:+97714411223"' in start

    def test_it_is_one_query_for_the_first_page(self, crisis, django_assert_num_queries):
        from registrations.current_crises import current_crises

        with django_assert_num_queries(1):
            assert [one.id for one in current_crises()] == [crisis.pk]

    def test_nobody_learns_of_one_before_the_people_there(self, client):
        untold = make_crisis()
        assert untold.title not in page(client, reverse("start"))
        assert client.get(form_address(untold)).status_code == 404
        assert client.post(form_address(untold), REGISTER).status_code == 404

    def test_an_exercise_is_not_announced(self, client):
        drill = make_known_crisis(is_drill=True)
        assert drill.title not in page(client, reverse("start"))
        assert client.get(form_address(drill)).status_code == 404

    def test_it_is_light_and_sets_no_cookie(self, client, crisis):
        response = client.get(form_address(crisis))
        assert not response.cookies
        assert len(response.content) < 20_000
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "no-store"

    def test_the_number_stands_before_the_first_field(self, client, crisis):
        shown = page(client, form_address(crisis))
        assert shown.index('href="tel:+97714411223"') < shown.index('name="name"')

    def test_one_country_is_not_asked_for_and_several_are(self, client, crisis):
        assert 'type="hidden" name="country" value="NP"' in page(client, form_address(crisis))
        Crisis.objects.filter(pk=crisis.pk).update(countries=["IN", "NP"])
        assert 'type="radio" name="country" value="IN"' in page(client, form_address(crisis))

    def test_a_crisis_at_sea_offers_every_country(self, client, crisis):
        Crisis.objects.filter(pk=crisis.pk).update(countries=[])
        assert '<option value="CL"' in page(client, form_address(crisis))


class TestRegistering:
    def test_all_is_saved_at_once(self, client, crisis):
        response = register(client, crisis, wellbeing="need_help", note="Two of us")
        assert response.status_code == 302
        person = arrived()
        assert (person.name, person.source) == ("Rosa Ñahui", "crisis")
        point = person.contact_points.get()
        assert (point.channel, point.address, point.verified_at) == ("sms", "+34600123987", None)
        consent = person.consents.get()
        assert (consent.purpose, consent.withdrawn_at) == ("crisis_contact", None)
        stay = person.stays.get()
        assert (stay.precision, stay.country, stay.time_zone) == ("country", "NP", "UTC")
        assert stay.ends_on - stay.starts_on == timedelta(days=30)
        report = person.reports.get()
        assert (report.source, report.crisis_id, report.note) == ("crisis", crisis.pk, "Two of us")
        answer = Answer.objects.get()
        assert (answer.person_id, answer.choice, answer.via) == (person.pk, "need_help", "form")
        assert PersonKey.objects.filter(person=person).exists()
        assert Entry.objects.filter(action="registration.begin_in_crisis").exists()

    def test_the_next_page_gives_the_reference_and_the_number(self, client, crisis):
        shown = page(client, register(client, crisis)["Location"])
        assert reference_of(arrived().pk) in shown
        assert 'href="tel:+97714411223"' in shown
        assert "Open its link" in shown
        for personal in ("Rosa", "600123987", "600 123 987"):
            assert personal not in shown

    def test_nothing_need_be_said_of_how_one_is(self, client, crisis):
        register(client, crisis)
        assert not Answer.objects.exists()

    def test_a_town_of_the_country_is_kept_as_a_place(self, client, crisis):
        make_places()
        register(client, crisis, place="kathmandu")
        stay = arrived().stays.get()
        assert (stay.precision, str(stay.place_id)) == ("place", "1283240")
        assert stay.time_zone == "Asia/Kathmandu"

    @pytest.mark.parametrize("typed", ["Xyzzytown", "Santiago"])
    def test_a_town_that_is_not_there_refuses_nobody(self, client, crisis, typed):
        make_places()
        assert register(client, crisis, place=typed).status_code == 302
        stay = arrived().stays.get()
        assert (stay.precision, stay.country, stay.exact_address) == ("country", "NP", typed)

    def test_a_name_of_several_towns_is_asked_about_once_only(self, client, crisis):
        add_twin(make_places()["Kathmandu NP"])
        first = register(client, crisis, place="Kathmandu")
        assert first.status_code == 422
        assert b'type="radio" name="place_id" value="999"' in first.content
        assert 'name="offered_for" value="Kathmandu"' in first.content.decode()
        chosen = register(client, crisis, place="Kathmandu", place_id="999")
        assert chosen.status_code == 302
        assert arrived().stays.get().place_id == 999
        again = register(client, crisis, place="Kathmandu", offered_for="Kathmandu", token="c" * 32)
        assert again.status_code == 302
        assert arrived().stays.get().exact_address == "Kathmandu"

    def test_of_several_towns_the_one_in_the_area_is_meant(self, client, request):
        town = make_places()["Kathmandu NP"]
        add_twin(town, latitude=28.9, longitude=83.9)
        crisis = request.getfixturevalue("crisis")  # Its area knows the towns there are.
        assert register(client, crisis, place="Kathmandu").status_code == 302
        assert arrived().stays.get().place_id == town.pk

    def test_the_language_of_the_page_is_the_person_s(self, client, crisis):
        address = f"{form_address(crisis)}?language=ar"
        response = client.post(address, REGISTER)
        assert response["Location"].endswith("?language=ar")
        assert arrived().language == "ar"
        assert Delivery.objects.get(message__purpose="crisis_proof").language == "ar"

    def test_blocked_cookies_lose_nobody(self, crisis):
        assert register(Client(enforce_csrf_checks=True), crisis).status_code == 302

    @pytest.mark.parametrize(
        "missing", [{"name": ""}, {"mobile": "", "mail": ""}, {"agrees": ""}, {"country": ""}]
    )
    def test_what_is_missing_is_said_and_what_was_typed_is_kept(self, client, crisis, missing):
        response = register(client, crisis, note="Two of us", **missing)
        assert response.status_code == 422
        assert b"error-summary" in response.content
        assert b"Two of us" in response.content
        assert not Person.objects.filter(source="crisis").exists()

    @pytest.mark.parametrize(
        "typed",
        [
            {"name": "😀"},
            {"name": "X"},
            {"name": "<script>alert(1)</script>"},
            {"note": "'; DROP TABLE registrations_person; --"},
            {"place": "\u202eevil"},
        ],
    )
    def test_strange_words_are_words(self, client, crisis, typed):
        assert register(client, crisis, **typed).status_code == 302

    @pytest.mark.parametrize("typed", [{"name": "x" * 301}, {"note": "x" * 901}])
    def test_too_long_is_said(self, client, crisis, typed):
        assert register(client, crisis, **typed).status_code == 422


class TestTwice:
    def test_two_taps_are_one_registration(self, client, crisis):
        first = register(client, crisis, wellbeing="safe")
        second = register(client, crisis, wellbeing="safe")
        assert first["Location"] == second["Location"]
        assert Person.objects.filter(source="crisis").count() == 1
        assert Message.objects.filter(purpose="crisis_proof").count() == 1
        assert Submission.objects.count() == 1

    def test_a_corrected_number_is_not_lost(self, client, crisis):
        register(client, crisis)
        register(client, crisis, mobile="+34 600 123 988")
        assert set(
            ContactPoint.objects.filter(person__source="crisis").values_list("channel", flat=True)
        ) == {"sms"}
        assert Submission.objects.count() == 2

    def test_two_people_of_one_name_are_two(self, client, crisis):
        register(client, crisis)
        register(client, crisis, token="d" * 32)
        assert Submission.objects.count() == 2


class TestLimits:
    def test_over_the_limit_people_are_saved_and_the_message_waits(
        self, client, crisis, settings, monkeypatch
    ):
        settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_contact_hour": 1}
        register(client, crisis)
        response = register(client, crisis, token="e" * 32)
        assert response.status_code == 302
        assert "not at once" in page(client, response["Location"])
        assert Person.objects.filter(source="crisis").count() == 2
        assert Message.objects.filter(purpose="crisis_proof").count() == 1
        waiting = Submission.objects.get(proof_waits=True)
        assert actions.send_waiting_proofs() == 0
        caches["limits"].clear()
        assert actions.send_waiting_proofs() == 1
        waiting.refresh_from_db()
        assert not waiting.proof_waits
        assert Message.objects.filter(purpose="crisis_proof", context_id=waiting.pk).count() == 1
        assert actions.send_waiting_proofs() == 0

    def test_of_two_addresses_only_the_one_that_waited_is_written_to(
        self, client, crisis, settings
    ):
        settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"sms_codes_per_day": 0}
        register(client, crisis, mail="rosa@example.org")
        assert Delivery.objects.get(message__purpose="crisis_proof").channel == "mail"
        settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"sms_codes_per_day": 9}
        assert actions.send_waiting_proofs() == 1
        written_to = Delivery.objects.filter(message__purpose="crisis_proof")
        assert sorted(written_to.values_list("channel", flat=True)) == ["mail", "sms"]

    def test_without_the_cache_people_are_saved_and_text_messages_wait(
        self, client, crisis, monkeypatch
    ):
        def fail(*arguments: object, **named: object) -> None:
            raise OSError

        monkeypatch.setattr(limits.cache, "add", fail)
        assert register(client, crisis).status_code == 302
        assert Submission.objects.get().proof_waits
        assert not Message.objects.filter(purpose="crisis_proof").exists()


class TestAfterwards:
    def test_a_crisis_closed_meanwhile_leads_to_the_normal_way_and_the_number(self, client, crisis):
        actions.close_crisis(crisis=crisis, by=crisis.opened_by)
        for response in (client.get(form_address(crisis)), register(client, crisis)):
            assert response.status_code == 410
            assert f'href="{reverse("start")}"'.encode() in response.content
            assert b'href="tel:+97714411223"' in response.content
        assert not Submission.objects.exists()
        assert crisis.title not in page(client, reverse("start"))

    @pytest.fixture
    def proved(self, client, crisis) -> Person:
        register(client, crisis)
        person = arrived()
        client.post(proof_address(person))
        return person

    @pytest.mark.parametrize("classes", [DEFAULT_CLASSES, ["possibly", "confirmed"]])
    def test_without_a_town_they_count_as_possibly_there_in_this_crisis(
        self, crisis, proved, classes
    ):
        now = timezone.now()
        window = (KATHMANDU, now, now + timedelta(hours=72), classes)

        def written_to(crisis_id: UUID | None) -> set[object]:
            found = audience(*window, crisis_id=crisis_id)
            return set(found.values_list("person_id", flat=True))

        assert proved.pk in written_to(crisis.pk)
        assert proved.pk not in written_to(make_crisis(title="Another").pk)
        by_match = preview(*window, crisis_id=crisis.pk).by_match
        assert by_match == {"inside": 1, "possibly": 1}

    def test_the_next_notice_reaches_them_once_they_are_proved(self, client, crisis):
        register(client, crisis)
        unproved = arrived()
        register(client, crisis, token="f" * 32, mobile="+34 600 123 989")
        proved = arrived()
        client.post(proof_address(proved))
        Notice.objects.update(state="sent", finished_at=timezone.now())
        notice = make_frozen(crisis)
        written_to = set(
            Delivery.objects.filter(message=notice.message).values_list("subject_id", flat=True)
        )
        assert proved.pk in written_to
        assert unproved.pk not in written_to
        actions.record_answer(
            token=token_for(Delivery.objects.get(message=notice.message, subject_id=proved.pk).pk),
            choice="left",
        )
        assert proved.stays.get().planned_end is not None

    def test_the_live_page_counts_them(self, client, crisis):
        register(client, crisis)
        notice = crisis.notices.get()
        assert live_figures(notice).arrived == 1
        client.force_login(crisis.opened_by)
        shown = client.get(reverse("watch_notice", args=[notice.pk])).content.decode()
        assert "1 person registered in this crisis." in shown

    def test_an_officer_may_open_them_and_their_stay_is_kept(self, client, crisis):
        from crises.enums import ReadingReason
        from crises.retention import held_by_open_crises

        register(client, crisis)
        found = actions.read_person_in_crisis(
            crisis=crisis,
            person_id=arrived().pk,
            reason=ReadingReason.SILENT,
            by=crisis.opened_by,
        )
        assert found["name"] == "Rosa Ñahui"
        stays = list(Stay.objects.filter(person=arrived()))
        Stay.objects.update(country="CL")
        assert held_by_open_crises(stays).keys() == {stay.pk for stay in stays}

    def test_the_purge_takes_forms_and_proofs_along(self, client, crisis):
        from audit.actors import Actor

        register(client, crisis)
        actions.close_crisis(crisis=crisis, by=crisis.opened_by)
        crisis.refresh_from_db()
        assert actions.purge_crises(by=Actor.system("retention"), today=crisis.purge_on) == 1
        assert not Submission.objects.exists()
        assert not Message.objects.filter(purpose="crisis_proof").exists()
        assert Report.objects.exists()


def test_what_is_typed_stands_in_the_clear_nowhere(client, crisis, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "django.db.backends")  # Statements are logged nowhere.
    typed = {"name": "Quirina Zorrilla", "place": "Xochimilco", "note": "On the terrace"}
    led_to = register(client, crisis, wellbeing="need_help", **typed)["Location"]
    client.post(proof_address(arrived()))
    tables = (Entry, Delivery, Submission, Report, Stay, ContactPoint, Person, Answer)
    stored = json.dumps([list(table.objects.values()) for table in tables], default=_as_stored)
    for word in ("Quirina", "Zorrilla", "Xochimilco", "terrace", "600123987"):
        for where in (caplog.text, led_to, stored):
            assert word not in where


def _as_stored(value: object) -> str:
    """Bytes as the letters they may hold; anything else as it reads."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
