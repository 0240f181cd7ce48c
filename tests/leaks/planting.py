"""Runs inside the portal's own environment (`manage.py shell -c`): plants, and reads back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from audit.actors import Actor
from crises import actions as crisis_actions
from crises.enums import AnsweredVia, AreaSource, Choice, Severity, Urgency
from crises.models import Crisis
from geography.areas import Area
from geography.models import Place
from micic_portal.demo.officers import TEXTS
from notifications.enums import Channel
from oversight.actions import handle_alarm, look
from oversight.enums import AlarmKind, AlarmOutcome
from oversight.models import Alarm
from privacy.declarations import our_models
from privacy.fields import SealedMixin
from registrations import actions
from registrations.answers import (
    Answers,
    CompanionAnswer,
    ContactAnswer,
    FamilyAnswer,
    StayAnswer,
)
from registrations.enums import CompanionConsent, ConsentPurpose, GroupKind, Source, StayKind
from registrations.erasing import LastWords
from registrations.locating import at_place
from registrations.models import Person
from registrations.spreadsheets.tables import Table
from tests.leaks.canaries import BORN, MAILS, TELEPHONES, WORDS, Canaries

BY = Actor.system("leaks")


def plant_person(seed: str) -> None:
    """Register one person with everything; print their id."""
    person = _register(Canaries(seed), _town())
    print(json.dumps({"person": str(person.pk)}))  # noqa: T201


def plant(seed: str) -> None:
    """Fill every field that is sealed, as the actions would; print whom it is about."""
    canaries = Canaries(seed)
    place = _town()
    person = _register(canaries, place)
    actions.agree_to_relay(
        person_id=person.pk, place=place, community=canaries.word("community"), by=BY
    )
    actions.report_person(
        source=Source.RELATIVE,
        name=canaries.word("reported"),
        language="es",
        contacts=(ContactAnswer(Channel.MAIL, canaries.mail("reported")),),
        stays=(_stay(place),),
        reporter={
            "name": canaries.word("reporter"),
            "contact": canaries.telephone("reporter"),
            "relationship": "aunt",
        },
        note=canaries.word("told"),
        by=BY,
    )
    _register_group(canaries, place)
    crisis = _open_crisis()
    # Before anybody is counted: a notice whose audience changes goes back to its approver.
    _erase_who_needs_help(canaries, crisis, place)
    _break_the_glass(canaries, crisis)
    _look_into_the_alarm(canaries)
    planted = {
        "person": str(person.pk),
        "reference": person.reference,
        "crisis": str(crisis.pk),
    }
    print(json.dumps(planted))  # noqa: T201


def _town() -> Place:
    return Place.objects.filter(country="MX").order_by("-population", "pk")[0]


def _stay(place: Place, **changes: Any) -> StayAnswer:
    today = timezone.now().date()
    return StayAnswer(
        kind=StayKind.TRIP,
        starts_on=today - dt.timedelta(days=2),
        ends_on=today + dt.timedelta(days=20),
        **at_place(place),
        **changes,
    )


def _register(canaries: Canaries, place: Place) -> Person:
    given = Answers(
        name=f"{canaries.word('given')} {canaries.word('family_name')}",
        language="es",
        contacts=(
            ContactAnswer(Channel.MAIL, canaries.mail("own"), verified_at=timezone.now()),
            ContactAnswer(Channel.SMS, canaries.telephone("own"), verified_at=timezone.now()),
        ),
        stays=(
            _stay(
                place,
                exact_address=f"Calle {canaries.word('exact_address')} 7",
                aboard_or_with=canaries.word("aboard"),
            ),
        ),
        document_number=canaries.document("document"),
        birth_date=BORN,
        needs=canaries.word("needs"),
        gender="woman",
        home_region=canaries.word("home_region"),
        companions=(
            CompanionAnswer(
                name=canaries.word("companion"),
                is_minor=True,
                consent=CompanionConsent.GUARDIAN,
                birth_date=BORN,
            ),
        ),
        family=(
            FamilyAnswer(
                canaries.word("relative"),
                relationship=canaries.word("relationship"),
                phone=canaries.telephone("family"),
                mail=canaries.mail("family"),
            ),
        ),
        consents=frozenset(ConsentPurpose.values),
    )
    return actions.register(answers=given, by=BY)


def _register_group(canaries: Canaries, place: Place) -> None:
    draft = actions.start_draft(
        answers=Answers(
            name=canaries.word("organiser"),
            contacts=(
                ContactAnswer(Channel.MAIL, canaries.mail("organiser"), verified_at=timezone.now()),
            ),
            stays=(_stay(place, aboard_or_with=canaries.word("group_ship")),),
            group_name=canaries.word("group"),
            group_kind=GroupKind.SCHOOL,
        )
    )
    group = actions.register_group(draft_id=draft.pk, by=BY)
    assert group is not None
    rows = ((canaries.word("listed"), canaries.mail("listed")), (canaries.word("wrong_row"), "@"))
    actions.start_upload(
        group=group, table=Table(("name", "mail"), (2, 3), rows), language="es", by=BY
    )


def _open_crisis() -> Crisis:
    return crisis_actions.open_crisis(
        title="Flood",
        is_drill=False,
        area=Area.countries(["MX"]),
        label="Mexico",
        source=AreaSource.COUNTRIES,
        by=User.objects.get(email="ana@mexico.example"),
    )


def _break_the_glass(canaries: Canaries, crisis: Crisis) -> None:
    officer = User.objects.get(email="ana@mexico.example")
    notice = crisis_actions.start_notice(
        crisis=crisis, area=crisis.areas.get(), classes=["inside", "confirmed"], by=officer
    )
    notice = crisis_actions.write_notice(
        notice=notice,
        urgency=Urgency.IMMEDIATE,
        severity=Severity.EXTREME,
        certainty="Observed",
        expires_at=timezone.now() + dt.timedelta(days=1),
        texts={
            language: {"subject": subject, "body": body, "sms": sms}
            for language, (subject, body, sms) in TEXTS.items()
        },
        by=officer,
    )
    crisis_actions.break_glass(notice=notice, reason=canaries.word("break_glass"), by=officer)


def _look_into_the_alarm(canaries: Canaries) -> None:
    # The glass was broken alone, and the portal noticed: now, or a minute ago by itself.
    look()
    alarm = Alarm.objects.get(kind=AlarmKind.APPROVED_ALONE)
    dpo = User.objects.get(email="david@capital.example")
    handle_alarm(
        alarm=alarm, outcome=AlarmOutcome.EXPLAINED, finding=canaries.word("alarm"), by=dpo
    )


def _erase_who_needs_help(canaries: Canaries, crisis: Crisis, place: Place) -> None:
    """Somebody asks for help, erases themselves, and leaves a way to be reached about it."""
    person = actions.register(
        answers=Answers(
            name=canaries.word("erased"),
            contacts=(
                ContactAnswer(Channel.MAIL, canaries.mail("erased"), verified_at=timezone.now()),
            ),
            stays=(_stay(place),),
            consents=frozenset({ConsentPurpose.CRISIS_CONTACT}),
        ),
        by=BY,
    )
    traveller = Actor.traveller(person.pk)
    crisis_actions.answer_for(
        crisis=crisis,
        person_id=person.pk,
        choice=Choice.NEED_HELP,
        via=AnsweredVia.LINK,
        by=traveller,
    )
    actions.erase_on_request(
        person_id=person.pk,
        by=traveller,
        last_words=LastWords(
            whereabouts=canaries.word("last_whereabouts"), contact=canaries.mail("left_contact")
        ),
    )


def read_back(seed: str) -> None:
    """Print the sealed fields in which no canary stands, and what sessions hold in the clear."""
    canaries = Canaries(seed)
    words = [canaries.word(name) for name in WORDS]
    words += [canaries.mail(name).partition("@")[0] for name in MAILS]
    words += [canaries.telephone(name)[3:] for name in TELEPHONES]
    words.append(BORN.isoformat())
    unplanted = []
    for model in our_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedMixin):
                held = [getattr(row, field.name) for row in model._base_manager.order_by("pk")]
                text = json.dumps(held, default=str).lower()
                if not any(word.lower() in text for word in words):
                    unplanted.append(f"{model._meta.label}.{field.name}")
    sessions = [session.get_decoded() for session in Session.objects.order_by("pk")]
    print(json.dumps({"unplanted": unplanted, "sessions": sessions}, default=str))  # noqa: T201
