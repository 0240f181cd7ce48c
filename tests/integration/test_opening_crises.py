"""Opening crises: who may, where, and what an alert file decides and does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from audit.models import Entry
from crises import actions
from crises.alert_files import read_alert
from crises.enums import AreaSource
from crises.models import AlertImport, Crisis
from geography.areas import Area, InvalidArea
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.crises import (
    KATHMANDU,
    area_of,
    make_crisis,
    make_frozen,
    make_people,
)
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db
ALERTS = Path(__file__).parent.parent / "data" / "alerts"


def mexico_post(**fields: object):
    return make_post(
        name="Embassy in Mexico City",
        jurisdiction=["MX", "GT", "BZ"],
        city="Mexico City",
        country="MX",
        **fields,
    )


def from_file(name: str, by, **changes: object) -> Crisis:
    imported = actions.import_alert(alert=read_alert((ALERTS / name).read_bytes()), by=by)
    given = {
        "title": imported.facts["headline"],
        "is_drill": imported.is_drill,
        "area": imported.area,
        "label": imported.facts["area_description"],
        "source": AreaSource.FILE,
        "alert": imported.facts,
        "by": by,
    }
    return actions.open_crisis(**(given | changes))


class TestFromAFile:
    def test_it_supplies_area_and_facts(self):
        by = make_officer(post=mexico_post())
        crisis = from_file("mexico.xml", by)
        area = area_of(crisis)
        assert not crisis.is_drill
        assert {"MX", "GT"} <= set(crisis.countries)
        assert area.alert["identifier"] == "avisossmn-ciclontropical-4063"
        assert area.label == "Chis,Oax"
        assert area.digest == area.area.digest

    def test_it_never_supplies_the_window(self):
        by = make_officer(post=mexico_post())
        crisis = from_file("mexico.xml", by)  # in force in October 2018
        notice = actions.start_notice(crisis=crisis, area=area_of(crisis), by=by)
        assert abs(notice.window_start - timezone.now()) < timedelta(minutes=1)
        assert notice.window_end - notice.window_start == timedelta(hours=72)
        assert notice.expires_at is None
        assert notice.urgency == "Unknown"

    def test_a_test_opens_a_drill_and_nothing_else(self):
        by = make_coordinator(post=make_post())
        assert from_file("ph.cap", by).is_drill
        with pytest.raises(actions.Refused, match="exercise"):
            from_file("ph.cap", by, is_drill=False)

    def test_a_drill_s_area_does_not_enter_a_real_crisis(self):
        by = make_coordinator(post=make_post())
        crisis = make_crisis(by)
        alert = read_alert((ALERTS / "ph.cap").read_bytes())
        with pytest.raises(actions.Refused, match="exercise"):
            actions.set_area(
                crisis=crisis,
                area=alert.area(),
                label="Sea",
                source=AreaSource.FILE,
                alert=alert.facts(),
                by=by,
            )

    def test_codes_alone_make_an_import_without_an_area(self):
        alert = read_alert((ALERTS / "wcatwc-warning.cap").read_bytes())
        imported = actions.import_alert(alert=alert, by=make_officer())
        assert imported.parts
        assert not imported.pieces
        with pytest.raises(InvalidArea):
            imported.area  # noqa: B018  # worked out when asked for

    def test_old_imports_are_erased(self):
        by = make_coordinator(post=make_post())
        from_file("ph.cap", by)
        AlertImport.objects.update(imported_at=timezone.now() - timedelta(days=2))
        from_file("ph.cap", by)
        assert AlertImport.objects.count() == 1


class TestWho:
    def test_an_officer_of_the_country(self):
        crisis = make_crisis()
        assert crisis.countries == ["NP"]
        assert crisis.post == crisis.opened_by.post
        assert Entry.objects.filter(action="crisis.open", purpose="crisis").count() == 1

    def test_not_from_elsewhere(self):
        with pytest.raises(actions.Refused):
            make_crisis(make_officer(post=make_post(jurisdiction=["JP"], city="Tokyo")))

    @pytest.mark.parametrize("role", ["auditor", "data_protection_officer", "operator"])
    def test_no_other_role(self, role):
        with pytest.raises(actions.Refused):
            make_crisis(make_user(role))

    def test_a_coordinator_s_crisis_gets_the_post_of_its_country(self):
        post = make_post()
        assert make_crisis(make_coordinator()).post == post

    def test_without_any_post_there_is_no_telephone_and_no_crisis(self):
        with pytest.raises(actions.Refused, match="telephone"):
            make_crisis(make_coordinator())

    def test_countries_are_chosen_from_one_s_own(self):
        officer = make_officer()
        make_crisis(officer, area=Area.countries(["NP", "BT"]), source=AreaSource.COUNTRIES)
        with pytest.raises(actions.Refused, match="only countries of your own post"):
            make_crisis(officer, area=Area.countries(["NP", "IN"]), source=AreaSource.COUNTRIES)

    def test_an_area_at_sea_is_anybody_s(self):
        crisis = make_crisis(area=Area.circle(-40, -20, 50))
        assert crisis.countries == []
        assert list(Crisis.objects.visible_to(crisis.opened_by)) == [crisis]

    def test_an_area_over_a_border_takes_a_wider_approval(self):
        make_people(1)
        officer = make_officer()  # Nepal and Bhutan
        crisis = make_crisis(officer, area=Area.circle(27.0, 85.3, 120))
        assert {"IN", "NP"} <= set(crisis.countries)
        with pytest.raises(actions.Refused, match="India"):
            make_frozen(crisis)


class TestSeeing:
    def test_by_jurisdiction(self):
        crisis = make_crisis()
        same = make_officer(post=make_post(name="Consulate", jurisdiction=["NP"], city="Pokhara"))
        other = make_officer(post=make_post(jurisdiction=["JP"], city="Tokyo"))
        assert list(Crisis.objects.visible_to(same)) == [crisis]
        assert list(Crisis.objects.visible_to(make_coordinator())) == [crisis]
        assert not Crisis.objects.visible_to(other).exists()
        for role in ("auditor", "data_protection_officer", "operator"):
            assert not Crisis.objects.visible_to(make_user(role)).exists()

    def test_agencies_see_those_told_to_people_open_or_closed_lately(self):
        make_people(1)
        crisis, _quiet = make_crisis(), make_crisis()
        make_frozen(crisis)
        found = Crisis.objects.published_to_agencies().values_list(
            "pk",
            "urgency",
            "severity",  # type: ignore[misc]  # annotated by the query
        )
        assert list(found) == [(crisis.pk, "Immediate", "Severe")]
        actions.close_crisis(crisis=crisis, by=crisis.opened_by)
        assert crisis in Crisis.objects.published_to_agencies()
        Crisis.objects.filter(pk=crisis.pk).update(closed_at=timezone.now() - timedelta(days=31))
        assert not Crisis.objects.published_to_agencies().exists()


def test_the_clock_of_the_largest_place():
    make_places()
    assert area_of(make_crisis()).time_zone == "Asia/Kathmandu"
    assert area_of(make_crisis(area=Area.countries(["NP"]))).time_zone == "Asia/Kathmandu"


def test_an_area_drawn_anew_keeps_the_old_one():
    crisis = make_crisis()
    first = area_of(crisis)
    actions.set_area(
        crisis=crisis,
        area=Area.circle(28.2, 84, 30),
        label="Pokhara",
        source=AreaSource.CIRCLE,
        by=crisis.opened_by,
    )
    assert crisis.areas.count() == 2
    first.refresh_from_db()
    assert first.digest == KATHMANDU.digest
