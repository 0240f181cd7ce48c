"""How many citizens are likely in an area: what the operator loads, and what is made of it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from crises.coverage import estimate_context
from geography.areas import Area
from geography.cells import cell_of
from geography.models import Place
from micic_portal.demo import estimates as demo
from registrations.estimate_files import EstimateFileError, read_estimates
from registrations.estimating import Estimate, estimate, shares_of
from registrations.models import CitizenEstimate
from tests.factories.crises import make_people

pytestmark = pytest.mark.django_db

HEADER = "country,year,residents_low,residents_high,travellers_low,travellers_high,source\n"
NEPAL = HEADER + "NP,2025,400,600,100,200,Embassy in Kathmandu\n"
KATHMANDU = Area.circle(27.7, 85.3, 60)


def load(tmp_path: Path, text: str | bytes, **options: Any) -> str:
    file = tmp_path / "estimates.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = StringIO()
    options = {"verbosity": 0, "stdout": out, "stderr": out} | options
    try:
        call_command("load_estimates", str(file), **options)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


def town(pk: int, latitude: float, longitude: float, population: int, **fields: Any) -> Place:
    given = {"country": "NP", "admin1": "P3", "time_zone": "Asia/Kathmandu", "radius_m": 5000}
    return Place.objects.create(
        pk=pk,
        name=f"Town {pk}",
        latitude=latitude,
        longitude=longitude,
        population=population,
        cell=cell_of(latitude, longitude),
        **given | fields,
    )


@pytest.fixture
def towns() -> None:
    """Of Nepal's people six tenths live well inside KATHMANDU, one tenth at its edge."""
    town(1, 27.7, 85.3, 600)
    town(2, 27.7, 85.9, 100, admin1="P4")
    town(3, 28.9, 81.0, 300, admin1="P5")


def made(**fields: Any) -> CitizenEstimate:
    given = {
        "country": "NP",
        "year": 2025,
        "residents_low": 400,
        "residents_high": 600,
        "travellers_low": 100,
        "travellers_high": 200,
        "source": "Embassy",
    }
    return CitizenEstimate.objects.create(**given | fields)


class TestLoading:
    def test_a_file(self, tmp_path):
        assert "1 estimates loaded, 0 of them replaced." in load(tmp_path, NEPAL)
        one = CitizenEstimate.objects.get()
        assert (one.country, one.year, one.residents_low, one.residents_high) == (
            "NP", 2025, 400, 600,
        )  # fmt: skip
        assert (one.travellers_low, one.travellers_high) == (100, 200)
        assert one.source == "Embassy in Kathmandu"
        entry = Entry.objects.get(action="estimate.load")
        assert entry.details == {"estimates": 1, "replaced": 0, "countries": 1}

    def test_the_same_country_year_and_source_is_replaced_and_no_other(self, tmp_path):
        load(tmp_path, NEPAL)
        more = "NP,2025,500,700,,,Embassy in Kathmandu\nNP,2024,1,2,,,Embassy in Kathmandu\n"
        assert "2 estimates loaded, 1 of them replaced." in load(tmp_path, HEADER + more)
        assert list(
            CitizenEstimate.objects.order_by("year").values_list("year", "residents_low")
        ) == [(2024, 1), (2025, 500)]

    @pytest.mark.parametrize(
        "text",
        [
            "\ufeff" + NEPAL,
            NEPAL.replace("\n", "\r\n"),
            NEPAL.replace(",", ";"),
            NEPAL.replace("NP", " np "),
            NEPAL + "\n,,,,,,\n",
            NEPAL.replace("400", "٤٠٠"),
            HEADER.upper() + NEPAL.partition("\n")[2],
        ],
    )
    def test_as_spreadsheets_write_it(self, tmp_path, text):
        assert "1 estimates loaded" in load(tmp_path, text)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "Line 2: the file holds no estimate."),
            (HEADER, "Line 2: the file holds no estimate."),
            ("country,year\nNP,2025\n", "Line 1, source: this column is missing."),
            (HEADER.replace("source", "source,colour"), "Line 1, colour: this column is not known"),
            (HEADER.replace("year", "source"), "Line 1, source: this column stands twice."),
            (NEPAL + "NP,2025,1\n", "Line 3: 3 values, where the header has 7."),
            (NEPAL + "XX,2025,1,2,,,A\n", "Line 3, country: not an ISO 3166 code"),
            (NEPAL + "NP,25,1,2,,,A\n", "Line 3, year: not a year"),
            (NEPAL + "NP,2999,1,2,,,A\n", "Line 3, year: not a year"),
            (NEPAL + "NP,2025,many,2,,,A\n", "Line 3, residents_low: not a whole number"),
            (NEPAL + "NP,2025,1.000,2,,,A\n", "Line 3, residents_low: not a whole number"),
            (NEPAL + "NP,2025,-1,2,,,A\n", "Line 3, residents_low: not a whole number"),
            (NEPAL + "NP,2025,1,999999999,,,A\n", "Line 3, residents_high: not a whole number"),
            (NEPAL + "NP,2025,3,2,,,A\n", "Line 3, residents_low: the least is more than the most"),
            (NEPAL + "NP,2025,,2,,,A\n", "Line 3, residents_low: give both ends"),
            (NEPAL + "NP,2025,,,1,,A\n", "Line 3, travellers_high: give both ends"),
            (NEPAL + "NP,2025,,,,,A\n", "Line 3: neither residents nor travellers."),
            (NEPAL + "NP,2025,1,2,,, \n", "Line 3, source: say who estimated this."),
            (NEPAL + "NP,2025,1,2,,," + "a" * 201, "Line 3, source: longer than 200"),
            (NEPAL + NEPAL.partition("\n")[2], "Line 3: the same country, year and source stand"),
            (NEPAL + 'NP,2025,1,2,,,"two\nlines"\nXX,1,1,2,,,A', "Line 5, country: not an ISO"),
            (NEPAL.encode() + b"NP,2025,1,2,,,caf\xe9\n", "Line 3: this is not UTF-8 text."),
            (NEPAL + "NP,2025,1,2,,," + "b" * 200_000, "Line 3: this is not CSV."),
            (NEPAL + "NP,2025,1,2,,,\x00\n" * 400_000, "Line 1: the file is larger than 5 MB."),
        ],
        ids=range(24),
    )
    def test_nothing_is_loaded_when_one_line_is_wrong(self, tmp_path, text, said):
        answer = load(tmp_path, text)
        assert said in answer
        assert "Nothing was loaded" in answer
        assert not CitizenEstimate.objects.exists()

    def test_every_mistake_is_named(self):
        with pytest.raises(EstimateFileError) as found:
            read_estimates((HEADER + "XX,25,3,2,,,\nNP,2025,1,2,,,A\nYY,2025,1,2,,,A\n").encode())
        assert [(wrong.line, wrong.column) for wrong in found.value.wrong] == [
            (2, "country"), (2, "year"), (2, "residents_low"), (2, "source"), (4, "country"),
        ]  # fmt: skip

    def test_a_check_writes_nothing(self, tmp_path):
        assert "Nothing written" in load(tmp_path, NEPAL, check=True)
        assert not CitizenEstimate.objects.exists()

    def test_a_file_that_is_not_there(self):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("load_estimates", "/nowhere/at/all.csv")

    def test_what_is_loaded_can_be_listed(self, tmp_path):
        load(tmp_path, NEPAL + "FR,2024,10,20,,,Census\n")
        out = StringIO()
        call_command("load_estimates", stdout=out)
        assert "NP 2025: residents 400 to 600; travellers on a day 100 to 200." in out.getvalue()
        assert "FR 2024: residents 10 to 20; travellers on a day not estimated." in out.getvalue()

    @pytest.mark.parametrize(
        "fields",
        [
            {"residents_low": 700},
            {"residents_low": None},
            {"travellers_high": None},
            dict.fromkeys(("residents_low", "residents_high", "travellers_low", "travellers_high")),
        ],
    )
    def test_the_database_takes_nothing_else(self, fields):
        with pytest.raises(IntegrityError):
            made(**fields)

    def test_the_demo_s_say_that_they_are_invented(self):
        demo.ensure_demo_estimates()
        demo.ensure_demo_estimates()
        sources = CitizenEstimate.objects.values_list("source", flat=True)
        assert all(source.startswith("Invented for this demo") for source in sources)
        assert Entry.objects.filter(action="estimate.load").count() == 1


class TestEstimating:
    def test_a_whole_country(self, towns):
        made()
        found = estimate(Area.countries(["NP"]), registered_people=80)
        assert (found.low, found.high, found.registered) == (500, 800, 80)
        assert (found.coverage_low, found.coverage_high) == (0.1, 0.16)

    def test_a_part_by_the_people_of_its_towns(self, towns):
        made()
        share = shares_of(KATHMANDU)["NP"]
        assert (share.low, share.high) == (0.6, 0.7)
        found = estimate(KATHMANDU, registered_people=30)
        assert (found.low, found.high) == (300, 560)

    def test_a_region(self, towns):
        made()
        found = estimate(Area.regions(["NP.P5"]), registered_people=0)
        assert (found.low, found.high) == (150, 240)

    def test_the_newest_year_of_each_source(self, towns):
        made()
        made(year=2020, residents_high=9000)
        made(source="Census", year=2021, residents_low=350, residents_high=900)
        found = estimate(Area.countries(["NP"]), registered_people=0)
        assert (found.low, found.high) == (450, 1100)
        assert {(one.source, one.year) for one in found.sources} == {
            ("Embassy", 2025), ("Census", 2021),
        }  # fmt: skip

    def test_a_source_that_knows_of_residents_only(self, towns):
        made(travellers_low=None, travellers_high=None)
        found = estimate(Area.countries(["NP"]), registered_people=0)
        assert (found.low, found.high, found.partial) == (400, 600, ("NP",))
        made(source="Airports", residents_low=None, residents_high=None)
        assert estimate(Area.countries(["NP"]), registered_people=0).partial == ()

    def test_those_registered_are_the_least(self, towns):
        made()
        found = estimate(Area.countries(["NP"]), registered_people=650)
        assert (found.low, found.high) == (650, 800)
        assert found.coverage_high == 1
        found = estimate(Area.countries(["NP"]), registered_people=900)
        assert (found.low, found.high) == (900, 900)

    def test_nothing_loaded_is_unknown(self, towns):
        found = estimate(KATHMANDU, registered_people=7)
        assert found == Estimate(7, None, 7, None, None, missing=("NP",))

    def test_one_country_of_two_unknown_is_no_upper_end(self, towns):
        made()
        town(9, 28.6, 77.2, 900, country="IN", admin1="07")
        found = estimate(Area.countries(["NP", "IN"]), registered_people=0)
        assert (found.low, found.high, found.missing) == (500, None, ("IN",))

    def test_a_neighbour_none_of_whose_towns_is_near_is_not_asked_about(self, towns):
        made()
        assert estimate(Area.circle(27.7, 85.3, 90), registered_people=0).missing == ()

    def test_where_no_town_is(self):
        made()
        found = estimate(Area.circle(0, -30, 50), registered_people=0)
        assert (found.low, found.high, found.missing) == (0, None, ())

    def test_no_registration_is_asked(self, towns):
        """So that it gives away nothing but the number it was given."""
        made()
        make_people(3)
        with CaptureQueriesContext(connection) as queries:
            found = estimate(KATHMANDU, registered_people=0)
        assert found.registered == 0
        assert len(queries) < 10
        for query in queries:
            for table in ("registrations_person", "registrations_stay", "contactpoint"):
                assert table not in query["sql"]


class TestWords:
    @pytest.mark.parametrize(
        ("low", "high", "registered", "words"),
        [
            (500, 800, 92, "About 11 to 19 % are registered."),
            (500, 800, 0, "Nobody there is registered."),
            (50_000, 80_000, 9, "Fewer than 1 % are registered."),
            (600, 600, 600, "About 100 % are registered."),
            (1_000, 1_000, 500, "About 50 % are registered."),
        ],
    )
    def test_coverage(self, towns, low, high, registered, words):
        made(residents_low=low, residents_high=high, travellers_low=None, travellers_high=None)
        context = estimate_context(Area.countries(["NP"]), registered)
        assert context["estimate"]["coverage"] == words

    def test_the_range_is_rounded_outwards(self, towns):
        made(residents_low=12_345, residents_high=67_890)
        shown = estimate_context(Area.countries(["NP"]), 0)["estimate"]
        assert (shown["low"], shown["high"]) == (12_000, 69_000)

    def test_the_page(self, towns):
        made()
        page = self.page(Area.countries(["NP"]), 80)
        assert "Likely 500 to 800 citizens." in page
        assert "About 10 to 16 % are registered." in page
        assert 'aria-hidden="true"' in page
        assert "Nepal, 2025: Embassy (loaded" in page

    def test_unknown_is_said(self, towns):
        page = self.page(KATHMANDU, 12)
        assert "Unknown." in page
        assert "No estimate is loaded for: Nepal." in page
        assert "It is 12 or more." in page
        assert "<svg" not in page

    def page(self, area: Area, registered: int) -> str:
        html = render_to_string("crises/estimate.html", estimate_context(area, registered))
        return " ".join(html.split())
