"""Who is written to: from an area, a window and classes to contact points."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Case, Exists, F, Func, OuterRef, Q, QuerySet, Value, When

from crises.enums import Confidence, Match, NoticeKind
from crises.models import Answer, Notice, Stopped, Submission
from crises.settling import LeftOut, Settled
from geography.areas import Area
from geography.covers import places_touching
from notifications.enums import OPEN_STATES, REACHED_STATES
from notifications.models import Delivery
from registrations.consents import (
    consent_in_force,
    consent_taken_back,
    points_of_the_unproved,
)
from registrations.enums import ConsentPurpose
from registrations.models import ContactPoint, FocalPoint, Person, Stay
from registrations.selection import countries_touching, is_whole_countries
from registrations.stages import has_left
from registrations.windows import Window

# Whoever is withheld, cancelled or failed to be reached was not written to.
_WRITTEN_TO = sorted(OPEN_STATES | REACHED_STATES)


def stays(
    area: Area,
    start: datetime,
    end: datetime,
    *,
    include_expired: bool,
    crisis_id: UUID | None = None,
) -> Any:
    """A query set of the stays of those who agreed to be contacted, with what was annotated:
    `sureness` (a Match) and `confidence`.

    A stay that overlaps the window only by the day added for time zones is "possibly" inside, and
    so is the stay without a town of whoever registered in this very crisis. Without those who
    answered in the crisis that they are safe or have left, or who want no more of its notices.
    """
    found = _said(area, start, end, include_expired=include_expired, crisis_id=crisis_id)
    return found.with_consent(ConsentPurpose.CRISIS_CONTACT)


def _said(
    area: Area, start: datetime, end: datetime, *, include_expired: bool, crisis_id: UUID | None
) -> Any:
    """The same of everybody, whoever said it: nobody is written to by this alone."""
    found = _there(area, start, end, include_expired=include_expired, crisis_id=crisis_id)
    return found if crisis_id is None else found.filter(Settled.of(crisis_id).still())


def _there(
    area: Area,
    start: datetime,
    end: datetime,
    *,
    include_expired: bool,
    crisis_id: UUID | None,
    include_gone: bool = False,
) -> Any:
    return (
        Stay.objects.in_area(area)
        .during(start, end, include_expired=include_expired, include_gone=include_gone)
        .annotate(
            sureness=Case(
                When(match=Match.INSIDE, day_doubt=True, then=Value(Match.POSSIBLY.value)),
                When(_arrived(crisis_id), then=Value(Match.POSSIBLY.value)),
                default=F("match"),
            )
        )
    )


def _arrived(crisis_id: UUID | None) -> Q:
    """Somewhere in the country, of someone who said that they are in the crisis."""
    sent = Submission.objects.filter(crisis=crisis_id).values("person_id")
    # Merged since, the stay hangs on the registration that was kept.
    kept = Person.objects.filter(absorbed__in=sent).values("pk")
    return Q(
        Q(person_id__in=sent) | Q(person_id__in=kept), match__in=(Match.REGION, Match.SOMEWHERE)
    )


def left_out(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    crisis_id: UUID,
    kind: NoticeKind | str = NoticeKind.NOTICE,
) -> dict[str, int]:
    """How many people of these classes are not written to, by reason (a LeftOut), each once.

    Who has moved on to another stage is no reason: they are not there.
    """
    rule = Settled.of(crisis_id, kind)
    found: Any
    if kind == NoticeKind.RELAY:
        matches = [value for value in Match.values if value in classes]
        found = focal_points(area).filter(sureness__in=matches)
        said_earlier = Q(pk__in=[])
    else:
        with_expired = Confidence.EXPIRED in classes
        there = _there(
            area, start, end, include_expired=with_expired, crisis_id=crisis_id, include_gone=True
        )
        found = _of_classes(there, classes, crisis_id)
        said_earlier = has_left(Window(start, end))
    person = OuterRef("person_id")
    found = found.filter(
        consent_in_force(ConsentPurpose.CRISIS_CONTACT, person)
        | consent_taken_back(ConsentPurpose.CRISIS_CONTACT, person)
    ).annotate(
        why=Case(
            When(rule.stopped_by(), then=Value(LeftOut.STOPPED.value)),
            *(When(rule.answered(choice), then=Value(choice)) for choice in sorted(rule.choices)),
            When(
                consent_taken_back(ConsentPurpose.CRISIS_CONTACT, person),
                then=Value(LeftOut.WITHDRAWN.value),
            ),
            When(said_earlier, then=Value(LeftOut.LEFT.value)),
            # Sorted first: one stay that counts is enough to be written to.
            default=Value(""),
        )
    )
    each = found.order_by("person_id", "why").distinct("person_id").values_list("why")
    sql, params = each.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT why, count(*) FROM ({sql}) AS each(why) GROUP BY 1", params)  # noqa: S608
        counts = dict(cursor.fetchall())
    return {why: counts[why] for why in LeftOut.values if why in counts}


def focal_points(area: Area, *, crisis_id: UUID | None = None) -> Any:
    """A query set of the focal points there who agreed to be contacted, with `sureness`, a Match.

    One is possibly inside where their town's disc and the area touch, else somewhere in a country
    that it touches; in an area made of countries all of those countries' are inside. They gave
    no days, so that a notice's window leaves none of them out. Without those who have left, or
    want no more notices; one who is safe can still pass word on.
    """
    agreed = Q(consent_in_force(ConsentPurpose.CRISIS_CONTACT, OuterRef("person_id")))
    if crisis_id is not None:
        agreed &= Settled.of(crisis_id, NoticeKind.RELAY).still()
    whole = list(area.country_codes)
    if is_whole_countries(area):
        return FocalPoint.objects.filter(agreed, country__in=whole).annotate(
            sureness=Value(Match.INSIDE.value)
        )
    touching = places_touching(area)
    return FocalPoint.objects.filter(
        agreed, Q(place__in=touching) | Q(country__in=countries_touching(area))
    ).annotate(
        sureness=Case(
            When(country__in=whole, then=Value(Match.INSIDE.value)),
            When(place__in=touching, then=Value(Match.POSSIBLY.value)),
            default=Value(Match.SOMEWHERE.value),
        )
    )


def audience(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    kind: NoticeKind = NoticeKind.NOTICE,
    crisis_id: UUID | None = None,
) -> QuerySet[ContactPoint]:
    """The proved contact points of everyone with a stay in one of the classes.

    Of kind RELAY: those of the focal points there.
    """
    if kind == NoticeKind.RELAY:
        matches = [value for value in Match.values if value in classes]
        chosen = focal_points(area, crisis_id=crisis_id).filter(sureness__in=matches)
        return ContactPoint.objects.proved().filter(person__in=chosen.values("person_id"))
    with_expired = Confidence.EXPIRED in classes
    found = stays(area, start, end, include_expired=with_expired, crisis_id=crisis_id)
    included = _of_classes(found, classes, crisis_id)
    return ContactPoint.objects.proved().filter(person__in=included.values("person_id"))


def reported_audience(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    crisis_id: UUID,
) -> QuerySet[ContactPoint]:
    """The class "reported by others, not proved": addresses of people said to be there who never
    agreed themselves, or whose address nobody has proved.

    Left out of every notice unless its approval includes them on vital interest, and then once
    for each address and crisis, save who answered: anybody may report any number of people with
    an address that is a stranger's.
    """
    found = reported_points(area, start, end, classes, crisis_id=crisis_id)
    return found.order_by("address_index", "pk").distinct("address_index")


def reported_points(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    crisis_id: UUID,
) -> QuerySet[ContactPoint]:
    """The same, with an address as often as it was given; a preview counts them."""
    with_expired = Confidence.EXPIRED in classes
    found = _said(area, start, end, include_expired=with_expired, crisis_id=crisis_id)
    included = _of_classes(found, classes, crisis_id)
    return (
        points_of_the_unproved()
        .filter(_among(included))
        .exclude(_whose_owner_stopped(crisis_id))
        .exclude(
            warned_before(crisis_id),
            ~Exists(Answer.objects.filter(crisis=crisis_id, person_id=OuterRef("person_id"))),
        )
    )


def _among(rows: Any) -> Func:
    """A condition on contact points: of somebody in these rows, who are worked out first.

    PostgreSQL would else begin with every unproved address of the register: it puts no more than
    eight joins in an order of its own.
    """
    return Func(
        F("person_id"),
        ArraySubquery(rows.values("person_id")),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _whose_owner_stopped(crisis_id: UUID) -> Q:
    """A condition on contact points: someone with this address wants no more of this crisis."""
    stopped = Stopped.objects.filter(crisis=crisis_id).values("person_id")
    points = ContactPoint.objects.filter(person__in=stopped)
    return Q(address_index__in=points.values("address_index"))


def warned_before(crisis_id: UUID, moment: datetime | None = None) -> Q:
    """A condition on contact points: their address was, or will be, written to by a notice on
    vital interest, under whatever name it was given. With `moment`, by one fixed before it."""
    notices = Notice.objects.filter(crisis=crisis_id, vital_interest=True, message__isnull=False)
    if moment is not None:
        notices = notices.filter(frozen_at__lt=moment)
    told = Delivery.objects.filter(
        message_id__in=notices.values("message_id"), state__in=_WRITTEN_TO
    )
    points = ContactPoint.objects.filter(pk__in=told.values("recipient_id"))
    return Q(address_index__in=points.values("address_index"))


def _of_classes(included: Any, classes: Collection[str], crisis_id: UUID | None) -> Any:
    matches = [value for value in Match.values if value in classes]
    confidences = [value for value in Confidence.values if value in classes]
    # Telling a class apart costs each row a look at its time zone: ask only what divides.
    if {Match.INSIDE, Match.POSSIBLY} <= set(matches):
        included = included.filter(Q(match__in=matches) | _arrived(crisis_id))
    else:
        included = included.filter(sureness__in=matches)
    if not {Confidence.CONFIRMED, Confidence.STALE} <= set(confidences):
        included = included.filter(confidence__in=confidences)
    return included
