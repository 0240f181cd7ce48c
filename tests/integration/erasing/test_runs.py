"""The nightly run: every step, interrupted and gone on with, counted once, with its reasons."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from crises import actions as crisis_actions
from crises.enums import AnsweredVia, Choice
from crises.models import Answer, Stopped
from notifications.models import Delivery
from registrations import actions, tasks
from registrations.actions import retention
from registrations.answers import ContactAnswer, StayAnswer
from registrations.models import Draft, Person, RetentionRun, Stay
from registrations.retention_steps import steps
from tests.factories.crises import make_frozen, make_people
from tests.factories.registrations import make_answers, make_person, pin_stay
from tests.factories.visits import shown, visit_of

pytestmark = pytest.mark.django_db(transaction=True)
BY = Actor.system("retention")
STILL_VALID = dt.timedelta(hours=1)


def over(days: int = 60, **changes: Any) -> StayAnswer:
    end = timezone.now().date() - dt.timedelta(days=days)
    return pin_stay(starts_on=end - dt.timedelta(days=5), ends_on=end, **changes)


def run(**given: Any) -> RetentionRun:
    return actions.run_retention(by=BY, **given)


def test_every_step_reports_into_one_entry():
    make_person(stays=(over(),))
    Draft.objects.create(answers=make_answers().to_json(), expires_at=timezone.now())
    done = run()
    assert done.counts_of("stays") == {
        "erased_stays": 1,
        "erased_people": 1,
        "kept_open_crisis": 0,
    }
    assert done.counts_of("drafts") == {"erased_drafts": 1}
    entry = Entry.objects.get(action="retention.run")
    assert set(entry.details["steps"]) == {step.name for step in steps()}
    assert entry.details["steps"]["stays"]["erased_people"] == 1
    assert entry.object_id == str(done.pk)


def test_killed_in_the_middle_it_goes_on_and_counts_nothing_twice(monkeypatch):
    for _each in range(5):
        make_person(stays=(over(latitude=48.85, longitude=2.35, country="FR"),))
    held = make_people(1)[0]
    make_frozen()
    Stay.objects.filter(person=held).update(
        starts_on=over().starts_on, ends_on=over().ends_on, planned_end=None
    )
    batches = retention.ended_in_batches
    monkeypatch.setattr(
        "registrations.actions.steps.ended_in_batches", lambda **given: batches(**given, batch=2)
    )
    seen = 0

    def killed(step: Any, run: RetentionRun) -> None:
        nonlocal seen
        seen += step.name == "stays"
        if seen == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(heard=killed)
    left = Person.objects.count()
    assert 1 < left < 6
    assert not Entry.objects.filter(action="retention.run").exists()
    assert tasks.resume_retention()
    assert not tasks.resume_retention(), "nothing is left to go on with"
    done = RetentionRun.objects.get()
    assert done.resumed == 1
    assert RetentionRun.objects.count() == 1
    assert list(Person.objects.all()) == [held]
    assert done.counts_of("stays") == {
        "erased_stays": 5,
        "erased_people": 5,
        "kept_open_crisis": 1,
    }
    assert Entry.objects.filter(action="retention.run").count() == 1


def test_a_step_that_fails_stops_no_other(monkeypatch, caplog):
    make_person(stays=(over(),))

    def broken(**_given: Any) -> int:
        raise ValueError("quirina@example.org")

    monkeypatch.setattr("registrations.actions.steps.end_unanswered", broken)
    with pytest.raises(actions.StepsFailed, match="unanswered"):
        run()
    assert not Person.objects.exists()
    assert "quirina" not in caplog.text
    with pytest.raises(CommandError, match="failed"):
        call_command("run_retention", verbosity=0, stdout=StringIO())
    monkeypatch.undo()
    assert run().counts_of("stays")["erased_stays"] == 1


def test_two_at_once_do_not_mix():
    RetentionRun.objects.create()
    with pytest.raises(actions.RunUnderWay):
        run()
    with pytest.raises(CommandError, match="under way"):
        call_command("run_retention", verbosity=0)
    out = StringIO()
    call_command("run_retention", take_over=True, verbosity=0, stdout=out)
    assert "interrupted" in out.getvalue()


def test_why_a_stay_is_still_there_is_said_where_its_owner_looks():
    person = make_people(1)[0]
    notice = make_frozen()
    assert "Its time is over" not in shown(visit_of(person), "read_registration")
    Stay.objects.filter(person=person).update(starts_on=over().starts_on, ends_on=over().ends_on)
    done = run()
    assert done.counts_of("stays")["kept_open_crisis"] == 1
    page = shown(visit_of(person), "read_registration")
    assert f"kept until this crisis is closed: {notice.crisis.title}" in page


def test_what_a_race_left_of_nobody_goes():
    person = make_people(1)[0]
    notice = make_frozen()
    actions.erase_on_request(person_id=person.pk, by=BY)
    # In the very moment of erasing, others wrote these.
    Delivery.objects.filter(message=notice.message_id).update(subject_id=person.pk)
    Stopped.objects.create(crisis=notice.crisis, person_id=person.pk)
    for choice in ("need_help", "safe"):
        Answer.objects.filter(person_id=person.pk).update(superseded_at=timezone.now())
        Answer.objects.create(
            crisis=notice.crisis,
            person_id=person.pk,
            choice=choice,
            via="link",
            help_asked_at=timezone.now(),
            whereabouts="Roof",
        )
    visit_of(person)
    done = run()
    assert done.counts_of("orphans")["kept_help_requests"] == 1
    assert done.counts_of("visits") == {"erased_visits": 1}
    assert not Delivery.objects.filter(subject_id=person.pk).exists()
    assert not Stopped.objects.exists()
    kept = Answer.objects.get()
    assert kept.person_id != person.pk
    assert kept.whereabouts == "Roof"


def test_a_crisis_purged_takes_the_kept_request_along():
    person = make_people(1)[0]
    notice = make_frozen()
    crisis_actions.answer_for(
        crisis=notice.crisis,
        person_id=person.pk,
        choice=Choice.NEED_HELP,
        via=AnsweredVia.LINK,
        by=BY,
    )
    actions.erase_on_request(person_id=person.pk, by=BY)
    crisis_actions.close_crisis(crisis=notice.crisis, by=notice.crisis.opened_by)
    assert Answer.objects.count() == 1
    done = run(now=timezone.now() + dt.timedelta(days=91))
    assert done.counts_of("crises")["erased_crises"] == 1
    assert not Answer.objects.exists()


def test_a_reported_person_who_registers_takes_their_answer_along():
    from registrations.enums import Source

    shell = actions.report_person(
        source=Source.RELATIVE,
        name="Ana Pérez",
        language="es",
        contacts=(ContactAnswer("mail", "ana@example.org"),),
        stays=(pin_stay(),),
        by=Actor.unknown(),
    )
    notice = make_frozen_for(shell)
    crisis_actions.answer_for(
        crisis=notice.crisis,
        person_id=shell.pk,
        choice=Choice.NEED_HELP,
        via=AnsweredVia.LINK,
        by=BY,
        whereabouts="Roof",
    )
    person = make_person()
    report = shell.reports.get()
    assert actions.adopt_report(report_id=report.pk, person_id=person.pk, by=BY)
    answer = Answer.objects.get()
    assert answer.person_id == person.pk
    assert (answer.whereabouts, answer.help_asked_at is not None) == ("Roof", True)


def make_frozen_for(person: Person) -> Any:
    make_people(1)
    return make_frozen()


def test_my_registration_has_a_way_to_erase():
    person = make_person()
    assert reverse("erase_registration") in shown(visit_of(person), "read_registration")


def test_an_expired_token_of_an_agency_goes():
    from allauth.idp.oidc.models import Client, Token

    program = Client.objects.create(id="agency", name="Agency")
    now = timezone.now()
    for hash_, expires_at in (("old", now - dt.timedelta(hours=1)), ("new", now + STILL_VALID)):
        Token.objects.create(
            client=program,
            type=Token.Type.ACCESS_TOKEN,
            hash=hash_,
            expires_at=expires_at,
        )
    assert run().counts_of("tokens") == {"erased_tokens": 1}
    assert Token.objects.get().hash == "new"
