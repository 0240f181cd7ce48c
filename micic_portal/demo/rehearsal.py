"""The whole main job, unattended: register, select, approve, dispatch, answer, count."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

import aiohttp
from django.utils import timezone
from tqdm import tqdm

from crises.alert_files import read_alert
from crises.models import Answer, Notice
from crises.reporting import live_figures
from geography.areas import Area, places_touching
from micic_portal.demo import officers, travellers
from micic_portal.demo.inbox import DemoSinks
from micic_portal.demo.population import SyntheticCitizen
from micic_portal.demo.registering import population_inside, register_all
from micic_portal.demo.staff import read_demo_agency
from micic_portal.demo.visitor import Visitor
from notifications.models import Delivery
from registrations.models import Person

BY_HAND = 50
SHARE_INSIDE = 0.5
ANSWERS = 1_000
AT_ONCE = 8
DISPATCH_SECONDS = 600


class RehearsalFailed(RuntimeError):
    """Something of the main job did not do what it must."""


@dataclass(slots=True)
class Result:
    """The line that a rehearsal ends in: people registered, selected and answering; messages
    frozen and accepted. `lost` is counted at the sinks."""

    registered: int = 0
    selected: int = 0
    frozen: int = 0
    accepted: int = 0
    answered: int = 0
    lost: int = 0
    seconds: float = 0.0

    def line(self) -> dict[str, int | float]:
        return asdict(self)


class Rehearsal:
    def __init__(self, *, base: str, sinks: DemoSinks, people: int, alert: Path) -> None:
        self.base = base
        self.sinks = sinks
        self.people = people
        self.alert = alert
        self.result = Result()

    def run(self, say: Callable[[str], None]) -> Result:
        """Raises RehearsalFailed, or UnexpectedPage, at the first step that goes wrong."""
        started = time.monotonic()
        area = read_alert(self.alert.read_bytes()).area()
        before = Person.objects.count()
        everyone = population_inside(area, self.people, SHARE_INSIDE)
        by_hand = list(islice(everyone, min(BY_HAND, self.people)))
        remaining = list(everyone)
        say("People register: by the form's own action, and by hand over HTTP")
        register_all(remaining, len(remaining))
        self._together("by hand", [self._registering(citizen) for citizen in by_hand])
        self.result.registered = Person.objects.count() - before

        say("An officer opens a crisis from the alert file, counts and writes; another approves")
        notice_id = asyncio.run(self._approved_notice())
        notice = self._frozen(notice_id)
        self.result.selected = notice.previewed_people or 0
        if before == 0:
            self._check_selection(area, [*by_hand, *remaining])

        say("The worker sends")
        self._sent(notice)
        say("People answer")
        self._answered(notice)
        self._counted(notice)
        asyncio.run(self._agency_reads())
        self.result.seconds = round(time.monotonic() - started, 1)
        return self.result

    def _registering(self, citizen: SyntheticCitizen) -> Callable[[], Awaitable[None]]:
        return lambda: travellers.register_by_hand(self.base, self.sinks, citizen)

    async def _approved_notice(self) -> str:
        async with Visitor(self.base, "es") as author:
            await officers.sign_in(author, "ana@mexico.example")
            submitted = await officers.submit_notice(author, self.alert)
            await officers.must_not_approve(author, submitted)
        async with Visitor(self.base, "en") as second:
            await officers.sign_in(second, "clara@capital.example")
            await officers.approve(second, submitted)
        return submitted.notice_id

    def _frozen(self, notice_id: str) -> Notice:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            notice = Notice.objects.select_related("message").get(pk=notice_id)
            if notice.message is not None:
                return notice
            time.sleep(0.1)
        raise RehearsalFailed("The approved notice was not frozen within a minute.")

    def _check_selection(self, area: Area, everyone: Sequence[SyntheticCitizen]) -> None:
        """Count again without index or cells: whose town's disc touches the area these days.

        A window is widened by a day for time zones, and its ends fall on any hour of a day.
        """
        touching = set(places_touching(area))
        surely = _count_there(everyone, touching, first=0, last=2)
        at_most = _count_there(everyone, touching, first=-2, last=5)
        if not surely <= self.result.selected <= at_most:
            raise RehearsalFailed(
                f"{surely} to {at_most} people are in the area, "
                f"and {self.result.selected} were selected."
            )

    def _sent(self, notice: Notice) -> None:
        deliveries = Delivery.objects.filter(message=notice.message)
        self.result.frozen = total = deliveries.count()
        deadline = time.monotonic() + DISPATCH_SECONDS
        with tqdm(total=total, desc="sending", unit=" notices", mininterval=0.5) as progress:
            while (left := deliveries.unfinished().count()) and time.monotonic() < deadline:
                progress.update(total - left - progress.n)
                time.sleep(0.25)
            progress.update(total - left - progress.n)
        if left:
            raise RehearsalFailed(f"{left} notices were still waiting after ten minutes.")
        self.result.accepted = deliveries.reached().count()

    def _answered(self, notice: Notice) -> None:
        wanted = {
            str(pk)
            for pk in Delivery.objects.filter(message=notice.message)
            .order_by("subject_id", "pk")
            .distinct("subject_id")
            .values_list("pk", flat=True)[:ANSWERS]
        }
        paths = [
            path
            for message in self.sinks.every_message()
            if message.reference in wanted and (path := travellers.answer_path(message))
        ]
        choices = ("safe", "safe", "safe", "left", "need_help")
        self._together(
            "answering",
            [self._answering(path, choices[n % len(choices)]) for n, path in enumerate(paths)],
        )
        self.result.answered = Answer.objects.current().filter(crisis=notice.crisis_id).count()
        if self.result.answered != len(wanted):
            raise RehearsalFailed(
                f"{len(wanted)} people answered, and {self.result.answered} answers are there."
            )
        figures = live_figures(notice)
        if figures.safe + figures.left + figures.need_help != self.result.answered:
            raise RehearsalFailed("The live page counts other answers than were given.")

    def _answering(self, path: str, choice: str) -> Callable[[], Awaitable[None]]:
        return lambda: travellers.answer(self.base, path, choice)

    def _counted(self, notice: Notice) -> None:
        """What no sink accepted is lost, whatever the rows say."""
        arrived = self.sinks.references()
        due = {
            str(pk)
            for pk in Delivery.objects.filter(message=notice.message)
            .exclude(state__in=["withheld", "cancelled"])
            .values_list("pk", flat=True)
        }
        self.result.lost = len(due - arrived)

    async def _agency_reads(self) -> None:
        agency = read_demo_agency()
        async with aiohttp.ClientSession() as session:
            async with session.post(
                f"{self.base}/api/oauth/token",
                data={"grant_type": "client_credentials", "scope": "crises:read"},
                auth=aiohttp.BasicAuth(agency["client_id"], agency["client_secret"]),
            ) as answer:
                if answer.status != 200:
                    raise RehearsalFailed(f"The agency got no token ({answer.status}).")
                token = (await answer.json())["access_token"]
            async with session.get(
                f"{self.base}/api/v1/crises/?drills=include",
                headers={"Authorization": f"Bearer {token}"},
            ) as answer:
                found = await answer.json()
        if not found.get("results"):
            raise RehearsalFailed("The agency's program read no crisis.")

    def _together(self, label: str, jobs: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """Do the jobs a few at a time, with a progress bar; the first failure ends it."""

        async def run() -> None:
            gate = asyncio.Semaphore(AT_ONCE)
            with tqdm(total=len(jobs), desc=label, mininterval=0.5) as progress:

                async def one(job: Callable[[], Awaitable[None]]) -> None:
                    async with gate:
                        await job()
                    progress.update()

                async with asyncio.TaskGroup() as group:
                    for job in jobs:
                        group.create_task(one(job))

        asyncio.run(run())


def _count_there(
    everyone: Sequence[SyntheticCitizen], touching: set[int], *, first: int, last: int
) -> int:
    """How many have a stay in one of the places on a day from `first` to `last` days from now."""
    today = timezone.localdate()
    begin, end = today + timedelta(days=first), today + timedelta(days=last)
    return sum(
        any(
            stay.place.pk in touching
            and stay.starts_on <= end
            and (stay.ends_on is None or stay.ends_on >= begin)
            for stay in citizen.stays
        )
        for citizen in everyone
    )
