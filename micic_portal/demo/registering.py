"""Registers synthetic citizens through the same action as the web form, on every core."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from itertools import islice

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from tqdm import tqdm

from audit.actors import Actor
from geography.areas import Area
from micic_portal.demo.crisis_areas import demo_areas
from micic_portal.demo.population import SyntheticCitizen, citizens
from notifications.enums import Channel
from registrations.actions import register
from registrations.answers import Answers, ContactAnswer, FamilyAnswer, StayAnswer
from registrations.enums import ConsentPurpose, Precision, StayKind
from registrations.models import OPEN_END, Person

_BATCH = 100
SHARE_IN_CRISES = 0.3


def ensure_population(count: int) -> None:
    """Register synthetic citizens until the register holds `count` people."""
    present = Person.objects.count()
    if present < count:
        everyone = population_inside(demo_areas(), count, SHARE_IN_CRISES)
        register_all(islice(everyone, present, None), count - present)


def register_all(
    everyone: Iterable[SyntheticCitizen], count: int, *, label: str = "registering"
) -> int:
    """Register each citizen in a transaction of its own; return how many. Shows progress."""
    # A child that inherited an open connection would share it with its parent.
    connections.close_all()
    done = 0
    with (
        multiprocessing.get_context("fork").Pool(
            min(os.cpu_count() or 1, 4), initializer=_leave_signals_to_the_parent
        ) as pool,
        tqdm(total=count, desc=label, unit=" people", mininterval=0.5) as progress,
    ):
        for registered in pool.imap_unordered(_register_batch, _batches(everyone)):
            done += registered
            progress.update(registered)
    _tell_the_planner()
    return done


def _tell_the_planner() -> None:
    """A table filled a moment ago still counts as empty; joins over it would take minutes."""
    if "owner" in settings.DATABASES:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ANALYZE")


def _leave_signals_to_the_parent() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def population_inside(area: Area, count: int, share: float) -> Iterator[SyntheticCitizen]:
    """Citizens of whom that share begins in the area."""
    return citizens(count, today=timezone.localdate(), inside=area, share_inside=share)


def _batches(everyone: Iterable[SyntheticCitizen]) -> Iterator[list[SyntheticCitizen]]:
    source = iter(everyone)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _register_batch(batch: list[SyntheticCitizen]) -> int:
    by = Actor.system("demo")
    with connection.cursor() as cursor:
        # Invented people need not wait for the disk, one by one.
        cursor.execute("SET synchronous_commit TO off")
    for citizen in batch:
        register(answers=answers_of(citizen), by=by, tell=False)
    return len(batch)


def answers_of(citizen: SyntheticCitizen) -> Answers:
    """What the citizen would have typed, with the contact points already proved."""
    proved = timezone.now()
    contacts = [
        ContactAnswer(channel=channel, address=address, verified_at=proved)
        for channel, address in ((Channel.MAIL, citizen.mail), (Channel.SMS, citizen.phone))
        if address
    ]
    consents = {ConsentPurpose.CRISIS_CONTACT}
    if citizen.gives_advice_consent:
        consents.add(ConsentPurpose.ADVICE)
    return Answers(
        name=citizen.name,
        language=citizen.language,
        contacts=tuple(contacts),
        stays=tuple(
            StayAnswer(
                kind=StayKind.TRIP if stay.ends_on else StayKind.RESIDENCE,
                precision=Precision.PLACE,
                starts_on=stay.starts_on,
                ends_on=stay.ends_on or OPEN_END,
                place_id=stay.place.pk,
                cell=stay.place.cell,
                country=stay.place.country,
                admin1=stay.place.admin1,
                time_zone=stay.place.time_zone,
            )
            for stay in citizen.stays
        ),
        family=(FamilyAnswer(name=citizen.family_name, phone=citizen.family_phone or ""),)
        if citizen.family_name
        else (),
        consents=frozenset(consents),
    )
