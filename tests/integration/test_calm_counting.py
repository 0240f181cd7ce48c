"""While no crisis is open nobody can be singled out by counting, however often areas are drawn."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import combinations

import h3.api.basic_int as h3
import numpy as np
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Entry
from crises import actions, calm
from crises.calm import RESOLUTION, CalmCount, calm_count
from crises.models import AreaDraft
from crises.pieces import circle_piece
from geography.areas import Area, InvalidArea
from geography.cells import cell_of
from registrations.models import Consent, Person, Stay
from tests.factories.accounts import make_coordinator, make_officer, make_post
from tests.factories.crises import KATHMANDU, make_crisis
from tests.factories.places import make_place
from tests.factories.registrations import make_person, pin_stay, today

pytestmark = pytest.mark.django_db

THRESHOLD = 5
# People stand in clusters of these sizes, some kilometres apart: below, at and above the threshold.
CLUSTERS = {
    (27.70, 85.30): 12, (27.80, 85.42): 4, (27.62, 85.18): 1, (27.95, 85.10): 5,
    (27.45, 85.55): 9, (27.30, 85.00): 3, (28.10, 85.50): 14, (27.72, 85.60): 6,
}  # fmt: skip


def settle(points: list[tuple[float, float]], country: str = "NP") -> list[Stay]:
    """One more person at each point, by the shortest way."""
    people = Person.objects.bulk_create(Person(name="Ana", language="es") for _point in points)
    Consent.objects.bulk_create(
        Consent(person=person, purpose="crisis_contact", language="es") for person in people
    )
    return Stay.objects.bulk_create(
        Stay(
            person=person,
            kind="trip",
            precision="pin",
            cell=cell_of(*point),
            country=country,
            time_zone="Asia/Kathmandu",
            starts_on=today(),
            ends_on=today() + dt.timedelta(days=9),
        )
        for person, point in zip(people, points, strict=True)
    )


@pytest.fixture
def crowd() -> list[Stay]:
    points = [point for point, number in CLUSTERS.items() for _ in range(number)]
    # A hexagon in which people are spread over: to cut it would show.
    hexagon = h3.latlng_to_cell(27.70, 85.30, RESOLUTION)
    spread = [h3.cell_to_latlng(cell) for cell in h3.cell_to_children(hexagon, 7)]
    return settle([*points, *spread])


def table() -> dict[int, int]:
    """The one table of which every answer is a sum, worked out without SQL."""
    counts = Counter(
        h3.cell_to_parent(cell, RESOLUTION) for cell in Stay.objects.values_list("cell", flat=True)
    )
    return {hexagon: number // THRESHOLD * THRESHOLD for hexagon, number in counts.items()}


def ask(area: Area) -> int:
    return calm_count(area, countries=None).people


_degrees = st.floats(-0.6, 0.6)
_circles = st.builds(
    lambda north, east, radius: Area.circle(27.7 + north, 85.3 + east, radius),
    _degrees, _degrees, st.floats(0.5, 60),
)  # fmt: skip
_polygons = st.lists(st.tuples(_degrees, _degrees), min_size=3, max_size=6).map(
    lambda points: [(27.7 + north, 85.3 + east) for north, east in points]
)


@st.composite
def drawings(draw: st.DrawFn) -> Area:
    """Circles and polygons, joined and cut out of one another."""
    area = draw(_circles)
    for _step in range(draw(st.integers(0, 3))):
        try:
            other = draw(_circles) if draw(st.booleans()) else Area.coordinates(draw(_polygons))
            area = Area.union([area, other]) if draw(st.booleans()) else area.minus(other)
        except InvalidArea:
            continue
    return area


_patiently = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class TestTheAttacker:
    @_patiently
    @given(areas=st.lists(drawings(), min_size=2, max_size=6))
    def test_no_sequence_of_drawings_tells_a_number_below_the_threshold(self, crowd, areas):
        answers = [ask(area) for area in areas]
        joined = [ask(Area.union(list(pair))) for pair in combinations(areas, 2)]
        both = zip(combinations(answers, 2), joined, strict=True)
        overlaps = [one + other - union for (one, other), union in both]
        told = [*answers, *joined, *overlaps]
        told += [abs(one - other) for one, other in combinations(told, 2)]
        assert all(number % THRESHOLD == 0 for number in told)

    @_patiently
    @given(area=drawings())
    def test_every_answer_is_a_sum_of_one_table_that_no_drawing_changes(self, crowd, area):
        known = table()
        found = calm_count(area, countries=None)
        assert found.people == sum(hexagon.people for hexagon in found.hexagons)
        for hexagon in found.hexagons:
            assert hexagon.people == known[hexagon.cell] > 0
        cells = np.array(Stay.objects.values_list("cell", flat=True), dtype=np.int64)
        touched = cells[area.cover.holds(cells)].tolist()
        chosen = {h3.cell_to_parent(cell, RESOLUTION) for cell in touched}
        assert {one for one in chosen if known[one]} <= {one.cell for one in found.hexagons}

    @_patiently
    @given(area=drawings(), chosen=st.integers(0, sum(CLUSTERS.values()) - 1))
    def test_one_person_changes_an_answer_by_nothing_or_by_the_threshold(self, crowd, area, chosen):
        before = ask(area)
        stay = Stay.objects.get(pk=crowd[chosen].pk)
        Stay.objects.filter(pk=stay.pk).update(
            ends_on=today() - dt.timedelta(days=20), starts_on=today() - dt.timedelta(days=30)
        )
        assert before - ask(area) in {0, THRESHOLD}
        stay.save()

    def test_a_drawing_within_a_hexagon_tells_what_the_whole_hexagon_does(self, crowd):
        latitude, longitude = h3.cell_to_latlng(h3.latlng_to_cell(27.70, 85.30, RESOLUTION))
        answers = {ask(Area.circle(latitude, longitude, radius)) for radius in (0.01, 0.5, 2)}
        digests = {
            calm_count(Area.circle(latitude, longitude, radius), countries=None).digest
            for radius in (0.01, 0.5, 2)
        }
        assert len(answers) == len(digests) == 1

    def test_four_people_are_nobody(self):
        settle([(27.7, 85.3)] * 4)
        found = calm_count(KATHMANDU, countries=None)
        assert (found.people, found.hexagons) == (0, ())
        settle([(27.7, 85.3)] * 5)
        assert calm_count(KATHMANDU, countries=None).people == THRESHOLD

    def test_whoever_moves_on_is_counted_in_one_hexagon_whatever_is_asked(self, crowd):
        """Else a count of both places less a count of each would tell how many travel between."""
        for stay in crowd[:THRESHOLD]:
            Stay.objects.create(
                person_id=stay.person_id, kind="trip", precision="pin",
                cell=cell_of(28.5, 84.0), country="NP", time_zone="Asia/Kathmandu",
                starts_on=today() + dt.timedelta(days=1), ends_on=today() + dt.timedelta(days=9),
            )  # fmt: skip
        here, there = Area.circle(27.70, 85.30, 3), Area.circle(28.5, 84.0, 3)
        assert ask(Area.union([here, there])) == ask(here) + ask(there)

    def test_two_officers_on_both_sides_of_a_border_learn_no_more_together(self):
        settle([(27.7, 85.3)] * 7)
        settle([(27.7, 85.3)] * 3, country="IN")
        everything = calm_count(KATHMANDU, countries=None).people
        nepal = calm_count(KATHMANDU, countries=["NP"]).people
        assert (everything, nepal) == (5, 5)  # 10 less 5 would tell of those in India.
        assert calm_count(KATHMANDU, countries=["IN"]).people == 0


class TestWhoIsCounted:
    def test_a_town_counts_where_it_lies(self):
        town = make_place(pk=1, name="Bhaktapur", latitude=27.67, longitude=85.43, country="NP")
        for _number in range(5):
            make_person(stays=(pin_stay(precision="place", cell=town.cell, place_id=town.pk),))
        found = calm_count(KATHMANDU, countries=["NP"])
        assert [(one.people, one.town) for one in found.hexagons] == [(5, "Bhaktapur")]

    def test_nobody_who_has_withdrawn_or_is_not_there_these_days(self):
        settle([(27.7, 85.3)] * 5)
        Consent.objects.filter(person=Person.objects.first()).update(withdrawn_at=timezone.now())
        assert ask(KATHMANDU) == 0
        Consent.objects.update(withdrawn_at=None)
        assert ask(KATHMANDU) == 5
        Stay.objects.update(starts_on=today() + dt.timedelta(days=8))
        assert ask(KATHMANDU) == 0


class TestWhoMayCount:
    def draft(self, by, **fields: object) -> AreaDraft:
        piece = circle_piece(27.7, 85.3, 40)
        return AreaDraft.objects.create(made_by=by, pieces=[piece], **fields)

    def test_a_draft_is_counted_calmly_and_in_the_ledger(self):
        officer = make_officer()
        settle([(27.7, 85.3)] * 8)
        found = actions.count_draft(draft=self.draft(officer), by=officer)
        assert isinstance(found, CalmCount)
        assert found.people == 5
        entry = Entry.objects.get(action="audience.count")
        assert entry.details == {"people": 5, "digest": found.digest}

    def test_only_in_the_officers_countries(self):
        settle([(27.7, 85.3)] * 8, country="IN")
        officer = make_officer()
        assert actions.count_calmly(area=KATHMANDU, by=officer).people == 0
        assert actions.count_calmly(area=KATHMANDU, by=make_coordinator()).people == 5
        elsewhere = make_officer(post=make_post(jurisdiction=["JP"], city="Tokyo"))
        with pytest.raises(actions.Refused):
            actions.count_calmly(area=KATHMANDU, by=elsewhere)

    def test_so_often_an_hour(self, settings):
        settings.CALM_COUNTS_PER_HOUR = 2
        officer = make_officer()
        for _number in range(2):
            actions.count_calmly(area=KATHMANDU, by=officer)
        with pytest.raises(actions.Refused, match="open the crisis"):
            actions.count_calmly(area=KATHMANDU, by=officer)
        actions.count_calmly(area=KATHMANDU, by=make_officer(post=officer.post))

    def test_an_open_crisis_counts_a_drawing_in_full_and_an_exercise_does_not(self):
        settle([(27.7, 85.3)] * 7)
        crisis = make_crisis()
        officer = crisis.opened_by
        found = actions.count_draft(draft=self.draft(officer, crisis=crisis), by=officer)
        assert found.people == 7
        assert Entry.objects.filter(action="audience.preview").count() == 1
        drill = make_crisis(officer, is_drill=True, title="Exercise")
        draft = self.draft(officer, crisis=drill, is_drill=True)
        found = actions.count_draft(draft=draft, by=officer)
        assert isinstance(found, calm.CalmCount)
        assert found.people == 5
        assert Entry.objects.get(action="audience.count").purpose == "exercise"
