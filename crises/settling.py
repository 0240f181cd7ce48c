"""Who is written to no more in a crisis: who answered that they are safe or have left, or stopped.

The rule by which `crises.sources` withholds a message when its batch is opened, as conditions: so
that nobody is counted who would not be written to. Who asks for help is never left out by this.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crises.enums import SETTLED, Choice, NoticeKind
from crises.models import Answer, Stopped
from registrations.models import Person
from registrations.people_standing import shells_of, standing


class LeftOut(models.TextChoices):
    """Why someone who is there is not written to."""

    SAFE = Choice.SAFE.value, _("Answered that they are safe")
    LEFT = Choice.LEFT.value, _("Said that they have left")
    STOPPED = "stopped", _("Want no more notices of this crisis")
    WITHDRAWN = "withdrawn", _("No longer agree to be contacted")


@dataclass(frozen=True, slots=True)
class Settled:
    """Conditions on rows that have a `person_id`, for one crisis and kind of notice.

    Two that were found to be one person may each have answered: the later word counts. Merged ones
    who said something in this crisis are few, so they are looked up when this is made; a merge in
    the moment after is seen when the message is about to be sent.
    """

    crisis_id: UUID
    choices: frozenset[str]
    # What those who stand for others said, by the latest of all their answers.
    said: dict[UUID, str]
    stopped: frozenset[UUID]

    @classmethod
    def of(cls, crisis_id: UUID, kind: NoticeKind | str = NoticeKind.NOTICE) -> Settled:
        """A focal point who is safe can still pass word on; one who has left cannot."""
        choices = {Choice.LEFT} if kind == NoticeKind.RELAY else SETTLED
        merged = Person.objects.filter(merged_into__isnull=False).values("pk")
        answers = Answer.objects.current().filter(crisis=crisis_id)
        stops = Stopped.objects.filter(crisis=crisis_id, person_id__in=merged)
        heads = {
            standing(person)
            for person in answers.filter(person_id__in=merged)
            .order_by("pk")
            .values_list("person_id", flat=True)
        }
        stopped = {standing(person) for person in _people(stops)}
        return cls(
            crisis_id,
            frozenset(choices),
            {head: _latest(answers, {head, *shells_of(head)}) for head in heads},
            frozenset(stopped),
        )

    def out(self) -> Q:
        """True of rows of who is left out."""
        return ~self.still()

    def still(self) -> Q:
        """True of rows of who is still written to. Each part can be an anti-join of its own."""
        own = Q(~Exists(self._answers(self.choices))) & Q(~Exists(self._stops()))
        settled = self._heads(self.choices) | self.stopped
        if settled:
            own &= ~Q(person_id__in=settled)
        return own

    def stopped_by(self) -> Q:
        """True of rows of who wants no more notices of this crisis."""
        return Q(Exists(self._stops())) | Q(person_id__in=self.stopped)

    def answered(self, choice: str) -> Q:
        """True of rows of whose last word in this crisis was that."""
        return Q(Exists(self._answers({choice}))) | Q(person_id__in=self._heads({choice}))

    def _answers(self, choices: Collection[str]) -> QuerySet[Answer]:
        found = Answer.objects.current().filter(
            crisis=self.crisis_id, person_id=OuterRef("person_id"), choice__in=sorted(choices)
        )
        return found.exclude(person_id__in=list(self.said)) if self.said else found

    def _stops(self) -> QuerySet[Stopped]:
        return Stopped.objects.filter(crisis=self.crisis_id, person_id=OuterRef("person_id"))

    def _heads(self, choices: Collection[str]) -> set[UUID]:
        return {head for head, choice in self.said.items() if choice in choices}


def settled(crisis_id: UUID, kind: NoticeKind | str = NoticeKind.NOTICE) -> Q:
    """A condition on rows with a `person_id`: they are written to no more in this crisis."""
    return Settled.of(crisis_id, kind).out()


def _people(rows: QuerySet[Stopped]) -> list[UUID]:
    return list(rows.order_by("pk").values_list("person_id", flat=True))


def _latest(answers: QuerySet[Answer], people: set[UUID]) -> str:
    """The choice of the newest answer of them all."""
    found: list[tuple[datetime, UUID, str]] = list(
        answers.filter(person_id__in=people).values_list("answered_at", "pk", "choice")
    )
    return max(found)[2] if found else ""
