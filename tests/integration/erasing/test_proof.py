"""Nothing of an erased person is found in any table, index or file; and what is left is found."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from crises.erasing import CrisisEraser
from crises.models import Answer
from notifications.models import Delivery
from registrations import actions
from registrations.deliveries import DeliveryEraser
from registrations.erasing import Erasure
from registrations.models import Companion, Person, Report
from registrations.proof.needles import needles_from
from tests.factories.erasing import BY, MAIL, look, places_of, plant

pytestmark = pytest.mark.django_db(transaction=True)


def test_before_erasing_it_is_found_everywhere():
    found = places_of(look(plant()))
    assert {
        "registrations_person.id",
        "registrations_contactpoint.address_index",
        "registrations_merge.absorbed_id",
        "registrations_verdict.first_id",
        "registrations_challenge.address_index",
        "crises_answer.person_id",
        "crises_stopped.person_id",
        "notifications_delivery.subject_id",
        "audit_subjectsalt.salt",
        "django_session.session_data (opened)",
        "index audit_subjectsalt_pkey.(file)",
    } <= found | {place.replace("second_id", "first_id") for place in found}


def test_after_erasing_by_the_page_nothing_is_found():
    planted = plant()
    response = planted.visit.post(reverse("erase_registration"), {})
    assert response.status_code == 302
    proof = look(planted)
    assert not proof.found
    assert not proof.refused
    assert proof.tables > 40
    assert proof.indexes > 60
    assert proof.bytes > 5_000_000
    # Those beside them are as they were.
    assert Person.objects.filter(pk__in=[planted.other.pk, planted.companion.pk]).count() == 2
    report = Report.objects.get(person=planted.relative)
    assert report.reporter is None
    assert Report.objects.get(person=planted.companion).named_by is None


def test_with_an_open_request_only_the_request_stays():
    planted = plant(ask_for_help=True)
    done = actions.erase_on_request(person_id=planted.person.pk, by=BY)
    assert done is not None
    assert [item.reason for item in done.kept] == ["help_request"]
    assert Answer.objects.get().whereabouts == "Roof of the school"
    assert not look(planted).found


def test_the_command_erases_reports_and_proves():
    planted = plant(ask_for_help=True)
    out, err = StringIO(), StringIO()
    call_command(
        "erase_registration",
        planted.person.reference,
        prove=True,
        rewrite=True,
        verbosity=0,
        stdout=out,
        stderr=err,
    )
    said = out.getvalue()
    assert "Flood around Kathmandu" in said
    assert "90 days after the crisis is closed" in said
    assert "Nothing of this person was found." in said
    assert "write-ahead log" in said
    assert not err.getvalue()


def test_what_a_broken_eraser_leaves_is_found(monkeypatch):
    planted = plant()
    monkeypatch.setattr(DeliveryEraser, "erase", lambda *_given: Erasure())
    monkeypatch.setattr(CrisisEraser, "erase", lambda *_given: Erasure())
    actions.erase_on_request(person_id=planted.person.pk, by=BY)
    found = places_of(look(planted))
    assert {
        "crises_answer.person_id",
        "crises_stopped.person_id",
        "notifications_delivery.subject_id",
        "notifications_delivery.recipient_id",
        "index delivery_by_subject.(file)",
        "index answer_history.(file)",
    } <= found
    err = StringIO()
    with pytest.raises(CommandError, match="notifications_delivery"):
        call_command(
            "prove_erasure", str(planted.person.pk), verbosity=0, stdout=StringIO(), stderr=err
        )


def test_an_address_is_found_by_its_blind_index():
    planted = plant()
    needles = needles_from([], [MAIL])
    assert needles.digests
    gone = frozenset({planted.person.pk, planted.shell.pk})
    from registrations.proof.proving import Progress, prove

    found = places_of(prove(needles, gone=gone, progress=Progress()))
    assert "registrations_contactpoint.address_index" in found


def test_an_address_that_another_shares_is_theirs():
    from tests.factories.erasing import mail
    from tests.factories.registrations import make_person

    planted = plant()
    daughter = make_person(name="Daughter", contacts=(mail(MAIL),))
    actions.erase_on_request(person_id=planted.person.pk, by=BY)
    proof = look(planted)
    assert not proof.found
    assert proof.shared >= 1
    assert daughter.contact_points.exists()


def test_somebody_who_is_there_cannot_be_proved_gone():
    planted = plant()
    with pytest.raises(CommandError, match="not erased"):
        call_command("prove_erasure", str(planted.person.pk))
    with pytest.raises(CommandError, match="six letters"):
        call_command("prove_erasure", str(planted.group.pk), value=["abc"])


def test_without_the_right_to_read_files_it_says_so():
    planted = plant()
    actions.erase_on_request(person_id=planted.person.pk, by=BY)
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS proof_test_reader")
        cursor.execute("CREATE ROLE proof_test_reader")
        cursor.execute("GRANT proof_test_reader TO CURRENT_USER")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO proof_test_reader")
        cursor.execute("SET ROLE proof_test_reader")
        try:
            proof = look(planted)
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY proof_test_reader")
            cursor.execute("DROP ROLE proof_test_reader")
    assert not proof.found
    assert any("not the files" in line for line in proof.refused)


def test_notices_keep_their_figures():
    planted = plant()
    before = Delivery.objects.filter(message=planted.notice.message_id).count()
    actions.erase_on_request(person_id=planted.person.pk, by=BY)
    assert Delivery.objects.filter(message=planted.notice.message_id).count() == before
    assert not Companion.objects.exists()
