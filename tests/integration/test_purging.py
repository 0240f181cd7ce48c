"""A closed crisis loses its answers, deliveries and notices on its purge date, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from crises import actions
from crises.enums import AnsweredVia, Choice
from crises.models import Answer, Crisis, Notice
from notifications.actions import forgetting
from notifications.models import Delivery, Message, MessageText
from registrations.models import Person
from tests.factories.crises import make_frozen, make_people

pytestmark = pytest.mark.django_db

BY = Actor.system("retention")


@pytest.fixture
def crisis() -> Crisis:
    person = make_people(1)[0]
    notice = make_frozen()
    actions.answer_for(
        crisis=notice.crisis,
        person_id=person.pk,
        choice=Choice.SAFE,
        via=AnsweredVia.LINK,
        by=Actor.traveller(person.pk),
    )
    return notice.crisis


def test_an_open_crisis_keeps_everything(crisis):
    assert actions.purge_crises(by=BY, today=(timezone.now() + timedelta(days=900)).date()) == 0
    assert Answer.objects.exists()
    assert Delivery.objects.exists()


def test_on_the_date_and_not_the_day_before(crisis):
    actions.close_crisis(crisis=crisis, by=crisis.opened_by)
    crisis.refresh_from_db()
    assert crisis.purge_on is not None
    assert actions.purge_crises(by=BY, today=crisis.purge_on - timedelta(days=1)) == 0
    assert Answer.objects.exists()
    assert actions.purge_crises(by=BY, today=crisis.purge_on) == 1
    for model in (Answer, Notice, Delivery, Message, MessageText):
        assert not model.objects.exists(), model
    assert Crisis.objects.filter(pk=crisis.pk).exists()
    assert Person.objects.exists(), "people are kept by their own rule"
    entry = Entry.objects.get(action="crisis.purge")
    assert entry.details["answers"] == 1
    assert entry.details["deliveries"] >= 1


def test_a_second_run_finds_nothing_left(crisis):
    actions.close_crisis(crisis=crisis, by=crisis.opened_by)
    crisis.refresh_from_db()
    assert actions.purge_crises(by=BY, today=crisis.purge_on) == 1
    assert actions.purge_crises(by=BY, today=crisis.purge_on) == 0


def test_many_deliveries_go_in_batches_and_killed_half_way_the_rest_goes_next_time(
    crisis, monkeypatch
):
    make_people(4)
    crises_notice = make_frozen(crisis=crisis)
    monkeypatch.setattr(forgetting, "ERASED_AT_ONCE", 2)
    before = Delivery.objects.count()
    assert before > 4
    actions.close_crisis(crisis=crisis, by=crisis.opened_by)
    crisis.refresh_from_db()
    batches = []

    def killed(ids):
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return batch(ids)

    batch = forgetting._erase_batch
    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "_erase_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            actions.purge_crises(by=BY, today=crisis.purge_on)
    assert Delivery.objects.count() == before - 2
    assert Notice.objects.filter(pk=crises_notice.pk).exists()
    assert actions.purge_crises(by=BY, today=crisis.purge_on) == 1
    assert not Delivery.objects.exists()
    assert Entry.objects.get(action="crisis.purge").details["deliveries"] == before - 2
