"""Named reads over crises, notices and answers; they start from what the caller may see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import rules
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.utils import timezone

from accounts.rules import SERVE_PEOPLE
from crises.enums import SETTLED, UNDER_WAY, CrisisState, NoticeState

if TYPE_CHECKING:
    from accounts.models import User
    from crises.models import (  # noqa: F401  # named in quotes
        Answer,
        Crisis,
        IncomingReply,
        Notice,
    )
    from geography.areas import Area

_AGENCY_DAYS = 30
_A_MOMENT = timedelta(minutes=10)


class CrisisQuerySet(models.QuerySet["Crisis"]):
    def visible_to(self, user: User) -> Self:
        """Those in the user's countries; a coordinator sees all; others see none."""
        if not rules.has_perm(SERVE_PEOPLE, user):
            return self.none()
        countries = user.countries
        if countries is None:
            return self
        return self.filter(Q(countries__overlap=sorted(countries)) | Q(post=user.post_id))

    def superseded_by(self, facts: dict[str, Any], *, is_drill: bool, by: User) -> Crisis | None:
        """The newest open one, an exercise or none, whose area came from this alert, or from one
        that it updates or cancels. `facts` are those of AlertFile.facts()."""
        known = [facts.get("identifier"), *facts.get("supersedes", [])]
        wanted = [identifier for identifier in known if identifier]
        found = self.visible_to(by).filter(
            state=CrisisState.OPEN, is_drill=is_drill, areas__alert__identifier__in=wanted
        )
        return found.order_by("-opened_at").first() if wanted else None

    def opened_just_now(self, *, by: User, title: str, is_drill: bool, area: Area) -> Crisis | None:
        """The open one that this user opened a moment ago, with the same name and first area."""
        return (
            self.filter(
                opened_by=by,
                title=title,
                is_drill=is_drill,
                state=CrisisState.OPEN,
                opened_at__gt=timezone.now() - _A_MOMENT,
                areas__digest=area.digest,
            )
            .order_by("opened_at", "pk")
            .first()
        )

    def told(self) -> Self:
        """Those of which a notice has gone out: its recipients were fixed, so it has a message."""
        from crises.models import Notice

        sent = Notice.objects.filter(crisis=OuterRef("pk"), message__isnull=False)
        return self.filter(Exists(sent))

    def published_to_agencies(self) -> Self:
        """Open ones, and those closed in the last 30 days, newest first.

        Only once a notice has gone out: nobody outside learns of a crisis before the people
        concerned. `urgency`, `severity` and `certainty` are CAP's words of the newest one.
        """
        from crises.models import Notice

        since = timezone.now() - timedelta(days=_AGENCY_DAYS)
        # An aborted one has told some people already, but speaks only where no other does.
        is_aborted = Case(When(state=NoticeState.ABORTED, then=1), default=0)
        sent = Notice.objects.filter(crisis=OuterRef("pk"), message__isnull=False).order_by(
            is_aborted, "-version"
        )
        return (
            self.filter(Q(state=CrisisState.OPEN) | Q(closed_at__gte=since))
            .told()
            .annotate(
                urgency=Subquery(sent.values("urgency")[:1]),
                severity=Subquery(sent.values("severity")[:1]),
                certainty=Subquery(sent.values("certainty")[:1]),
            )
            .order_by("-opened_at", "pk")
        )


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting_for_freeze(self) -> Self:
        return self.filter(state=NoticeState.APPROVED)

    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def current(self) -> Self:
        return self.filter(superseded_at__isnull=True)

    def settled(self) -> Self:
        """Current answers that stop further notices: safe, or gone."""
        return self.current().filter(choice__in=sorted(SETTLED))


class ReplyQuerySet(models.QuerySet["IncomingReply"]):
    def to_read_in(self, crisis: Crisis) -> Self:
        """Those that wait for an officer of this crisis, with those that nobody could tie to any:
        they may be about this one. What may be a call for help comes first, then the newest."""
        return self.filter(Q(crisis=crisis) | Q(crisis=None), handled_at=None).order_by(
            "-may_call_for_help", "-received_at", "pk"
        )

    def sent_by(self, people: Collection[UUID]) -> Self:
        """Those from addresses that these people have proved and nobody else has: from a family's
        telephone it could be anybody's."""
        from registrations.contacts import known_indexes
        from registrations.models import ContactPoint

        proved = ContactPoint.objects.filter(person__in=people, verified_at__isnull=False)
        own = [known_indexes(point) for point in proved.order_by("pk")]
        others = ContactPoint.objects.exclude(person__in=people).filter(
            address_index__in=[index for indexes in own for index in indexes]
        )
        shared = {bytes(index) for index in others.values_list("address_index", flat=True)}
        mine = [index for indexes in own if not indexes & shared for index in indexes]
        return self.filter(sender_index__in=mine)
