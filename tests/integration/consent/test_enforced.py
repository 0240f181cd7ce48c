"""Nothing is sent, shared or counted without the consent in force at that moment: each place asks.

The same table stands in docs/consent.md; a place that is missing there fails here.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.actors import Actor
from crises import actions as crises_actions
from crises.audience import focal_points
from crises.enums import DEFAULT_CLASSES, NoticeKind
from crises.previewing import preview
from crises.proofs import ProofSource
from crises.reporting import live_figures
from crises.sources import CrisisSource
from notifications import ports
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations import actions
from registrations.actions.importing import build_person
from registrations.actions.merging import merge_people, undo_merge
from registrations.advice_audience import advice_audience
from registrations.enums import ConsentPurpose
from registrations.exporting.tables import CHILDREN, PERSON
from registrations.exporting.values import to_json
from registrations.models import Person
from registrations.reminders import ReminderSource, may_be_reminded
from registrations.sources import open_contacts
from tests.factories.accounts import make_coordinator, make_post
from tests.factories.crises import (
    KATHMANDU,
    TEXTS,
    area_of,
    make_crisis,
    make_frozen,
    make_people,
    second_officer,
)
from tests.factories.likenesses import alike
from tests.factories.registrations import make_person, make_places

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
EVERYTHING = frozenset(ConsentPurpose.values)

# Every purpose of a message, and what it rests on.
RESTS_ON = {
    "crisis": "crisis_contact",
    "crisis_proof": "crisis_contact",
    "crisis_answer": "crisis_contact",
    "reminder": "crisis_contact",
    "advice": "advice",
    "verification": "the address just typed it",
    "family": "the right to be told",
    "replaced": "security of the registration",
    "invitation": "the right to be told",
}
# Who may read whether a consent stands without asking consent_in_force: it is shown there, or
# changed, and nothing leaves by it.
MAY_READ = {
    "registrations/consents.py",
    "registrations/comparing.py",
    "registrations/reading.py",
    "registrations/actions/consenting.py",
    "registrations/actions/merging.py",
}


def take_back(person: Person, purpose: str) -> None:
    by = Actor.traveller(person.pk)
    actions.withdraw_consent(person_id=person.pk, purpose=purpose, by=by)


class TestOneQuestion:
    def test_nobody_asks_it_in_a_copy(self):
        copies = [
            str(path.relative_to(ROOT))
            for path in sorted(ROOT.glob("[a-z]*/**/*.py"))
            if not {"tests", "migrations", "models"} & set(path.relative_to(ROOT).parts)
            and re.search(r"withdrawn_at(__isnull)?=(None|True)\b", path.read_text("utf-8"))
        ]
        assert set(copies) <= MAY_READ, "Ask registrations.consents.consent_in_force instead."

    def test_every_message_rests_on_something(self):
        bound = {purpose for purpose in ports._sources if not purpose.startswith("exercise")}
        assert bound == set(RESTS_ON)

    def test_the_table_of_the_docs_has_every_message_and_every_purpose(self):
        text = (ROOT / "docs/consent.md").read_text("utf-8")
        for word in [*RESTS_ON, *ConsentPurpose.values]:
            assert f"`{word}`" in text, word


class TestWhatIsSent:
    @pytest.mark.parametrize(
        ("purpose", "consent"), [("crisis", "crisis_contact"), ("advice",) * 2]
    )
    def test_an_address_opens_under_its_own_consent_alone(self, purpose, consent):
        person = make_person(consents=EVERYTHING)
        ids = list(person.contact_points.values_list("pk", flat=True))
        assert isinstance(open_contacts(ids, purpose)[ids[0]], Opened)
        take_back(person, consent)
        assert open_contacts(ids, purpose) == {ids[0]: Withheld("no_consent")}

    def test_a_confirmation_of_an_answer(self):
        person = make_person(consents=EVERYTHING)
        ids = list(person.contact_points.values_list("pk", flat=True))
        source = ports.source_for("crisis_answer")
        assert isinstance(source.open(ids, "crisis_answer", deliveries=())[ids[0]], Opened)
        take_back(person, "crisis_contact")
        found = source.open(ids, "crisis_answer", deliveries=())
        assert found == {ids[0]: Withheld("no_consent")}

    def test_another_consent_opens_nothing(self):
        person = make_person(consents=EVERYTHING - {"crisis_contact"})
        ids = list(person.contact_points.values_list("pk", flat=True))
        assert open_contacts(ids, "crisis") == {ids[0]: Withheld("no_consent")}

    def test_a_proof_of_an_address(self):
        person = make_person()
        person.contact_points.update(verified_at=None)
        ids = list(person.contact_points.values_list("pk", flat=True))
        assert isinstance(ProofSource().open(ids, "crisis_proof", deliveries=[])[ids[0]], Opened)
        take_back(person, "crisis_contact")
        found = ProofSource().open(ids, "crisis_proof", deliveries=[])
        assert found == {ids[0]: Withheld("no_consent")}

    def test_a_reminder(self):
        person = make_person()
        stay = person.stays.get()
        assert may_be_reminded(person.stays.all()).exists()
        row = Delivery(recipient_id=stay.pk, channel="mail", created_at=timezone.now())
        take_back(person, "crisis_contact")
        assert not may_be_reminded(person.stays.all()).exists()
        found = ReminderSource().open([stay.pk], "reminder", deliveries=[row])
        assert found == {stay.pk: Withheld("no_consent")}

    def test_advice(self):
        person = make_person(consents=EVERYTHING)

        def there() -> Any:
            return advice_audience({"NP"})

        assert there().exists()
        take_back(person, "advice")
        assert not there().exists()

    def test_word_to_pass_on_stops_with_either_agreement(self):
        place = make_places()["Kathmandu NP"]
        for number, stop in enumerate(("relaying", "crisis_contact")):
            [person] = make_people(1)
            by = Actor.traveller(person.pk)
            actions.agree_to_relay(person_id=person.pk, place=place, community="", by=by)
            crisis = make_crisis(title=f"Flood {number}")
            notice = crises_actions.start_notice(
                crisis=crisis, area=area_of(crisis), by=crisis.opened_by, kind=NoticeKind.RELAY
            )
            notice = crises_actions.write_notice(
                notice=notice,
                urgency="Immediate",
                severity="Severe",
                certainty="Observed",
                expires_at=timezone.now() + timedelta(hours=2),
                texts=TEXTS,
                by=crisis.opened_by,
            )
            crises_actions.submit_notice(notice=notice, by=crisis.opened_by)
            crises_actions.approve_notice(notice=notice, by=second_officer(notice))
            crises_actions.freeze_notice(notice.pk)
            notice.refresh_from_db()
            rows = list(Delivery.objects.filter(message=notice.message_id))
            ids = [row.recipient_id for row in rows]
            found = CrisisSource().open(ids, "crisis", deliveries=rows)
            assert {type(one) for one in found.values()} == {Opened}
            if stop == "relaying":
                actions.stop_relaying(person_id=person.pk, by=by)
            else:
                take_back(person, "crisis_contact")
            found = CrisisSource().open(ids, "crisis", deliveries=rows)
            assert set(found.values()) == {Withheld("no_consent")}
            assert not focal_points(KATHMANDU).filter(person=person).exists()
            person.delete()


class TestWhatIsCounted:
    def test_a_preview(self):
        people = make_people(3)
        now = timezone.now()
        window = (now, now + timedelta(hours=72))
        assert preview(KATHMANDU, *window, DEFAULT_CLASSES).people == 3
        take_back(people[0], "crisis_contact")
        found = preview(KATHMANDU, *window, DEFAULT_CLASSES)
        assert (found.people, found.by_match, found.by_language) == (2, {"inside": 2}, {"es": 2})

    def test_who_takes_it_back_is_not_counted_as_silent(self):
        people = make_people(3)
        notice = make_frozen()
        assert (live_figures(notice).silent, live_figures(notice).stopped) == (3, 0)
        take_back(people[0], "crisis_contact")
        assert (live_figures(notice).silent, live_figures(notice).stopped) == (2, 1)
        crises_actions.stop_for_person(crisis=notice.crisis, person_id=people[0].pk)
        assert (live_figures(notice).silent, live_figures(notice).stopped) == (2, 1)


class TestWhatIsKept:
    def test_goes_with_the_consent_it_rests_on(self):
        person = make_person(
            consents=EVERYTHING, needs="Insulin", gender="female", home_region="Maule"
        )
        for purpose in ("needs", "statistics"):
            take_back(person, purpose)
        person.refresh_from_db()
        assert (person.needs, person.gender, person.home_region) == (None, None, None)

    def test_goes_from_what_was_merged_as_well(self):
        kept, gone = alike(consents=EVERYTHING, needs="Insulin", gender="female")
        coordinator = make_coordinator(post=make_post())
        merge = merge_people(kept_id=kept.pk, absorbed_id=gone.pk, by=coordinator)
        for purpose in ("needs", "crisis_contact"):
            take_back(kept, purpose)
        gone.refresh_from_db()
        assert gone.needs is None
        undo_merge(merge_id=merge.pk, by=coordinator)
        for purpose in ("needs", "crisis_contact"):
            assert not Person.objects.with_consent(purpose).exists(), purpose

    def test_does_not_come_by_an_import(self):
        person = make_person(consents=EVERYTHING, needs="Insulin", gender="female")
        item: dict[str, Any] = {"row": to_json(PERSON, person)}
        item["consents"] = [
            to_json(CHILDREN["consents"], row) for row in person.consents.order_by("pk")
        ]
        arrived, _rows = build_person(item)
        assert (arrived.needs, arrived.gender) == ("Insulin", "female")
        item["consents"] = []
        arrived, _rows = build_person(item)
        assert (arrived.needs, arrived.gender) == (None, None)
