"""The record of processing is complete, read from the declarations, and committed as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import override

from oversight import foreign_tables
from oversight.activities import activities
from oversight.foreign_tables import foreign_models, unexamined_models
from oversight.privacy_notice import READERS, stretches
from oversight.processing_record import record_as_markdown
from privacy.blind_index import BlindIndexField
from privacy.declarations import declared_models, problems_of
from privacy.periods import Period
from privacy.processing import DataSubject

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "record-of-processing.md"
STAFF = (DataSubject.STAFF,)
PERSONAL = [declared for declared in declared_models() if declared.about]


@pytest.fixture(autouse=True)
def _as_shipped(settings):
    settings.STATE_NAMES = {code: "Republic of Solandia" for code, _name in settings.LANGUAGES}
    settings.DPO_CONTACT = "privacy@capital.example"
    settings.STAY_RETENTION_DAYS = 30


def test_the_committed_record_is_what_the_code_declares():
    with override("en"):
        assert COMMITTED.read_text(encoding="utf-8") == record_as_markdown(), (
            "run: manage.py write_processing_record docs/record-of-processing.md"
        )


def test_somebody_looked_at_every_table_that_a_package_brings():
    assert unexamined_models() == []
    assert [problem for model in foreign_models() for problem in problems_of(model)] == []


def test_a_new_table_of_a_package_is_told(monkeypatch):
    monkeypatch.setattr(foreign_tables, "ABOUT_NOBODY", frozenset())
    assert "allauth_idp_oidc.Token" in unexamined_models()


@pytest.mark.parametrize("declared", PERSONAL, ids=lambda d: d.model._meta.label)
def test_what_is_said_of_people_can_be_read_in_their_language(declared):
    for field in declared.fields:
        assert isinstance(field.purpose, Promise), f"{field.name}: purpose"
        assert isinstance(field.retention, Promise | Period), f"{field.name}: retention"
    assert isinstance(declared.model._meta.verbose_name_plural, Promise)


OURS = [declared for declared in PERSONAL if declared.model not in foreign_models()]


def _is_named_by_kind(column):
    return column.primary_key or column.remote_field or isinstance(column, BlindIndexField)


@pytest.mark.parametrize("declared", OURS, ids=lambda d: d.model._meta.label)
def test_every_field_of_a_person_has_a_name_to_read(declared):
    columns = [declared.model._meta.get_field(field.name) for field in declared.fields]
    # Keys, links and fingerprints are named by what they are.
    plain = [c for c in columns if isinstance(c, models.Field) and not _is_named_by_kind(c)]
    # A name that Django makes of an identifier reads the same in every language.
    names = {c.name: getattr(c, "_verbose_name", None) for c in plain}
    assert [name for name, told in names.items() if not isinstance(told, Promise)] == []


def test_every_subject_and_every_table_of_people_stands_in_the_record_and_in_the_notice():
    tables = {table.name for activity in activities() for table in activity.tables}
    assert tables == {str(d.model._meta.verbose_name_plural) for d in PERSONAL}
    notice = {t.name for reader in READERS for a in reader.activities for t in a.tables}
    assert notice == tables
    read = {subject for reader in READERS for subject in reader.subjects}
    assert read >= {subject for d in PERSONAL for subject in d.about or ()}
    public = {str(d.model._meta.verbose_name_plural) for d in PERSONAL if d.about != STAFF}
    assert {name for stretch in stretches() for name in stretch.tables} == public


def test_what_is_never_collected_has_no_field():
    words = ("immigration", "visa", "religion", "ethnic", "biometric", "fingerprint", "face")
    names = {field.name for declared in PERSONAL for field in declared.fields}
    assert not [name for name in names if any(word in name for word in words)]


def test_a_retention_says_the_number_that_is_set(settings):
    settings.STAY_RETENTION_DAYS = 77
    assert "Until 77 days after the stay ends." in record_as_markdown()
    assert "Until 30 days after the stay ends." not in record_as_markdown()


def test_the_shortest_stands_first_and_what_has_no_number_last(settings):
    settings.STAY_RETENTION_DAYS = 120
    told = [stretch.retention for stretch in stretches()]
    draft = told.index("Until 72 hours after it was begun; what was sent goes at once.")
    crisis = told.index("Until 90 days after the crisis is closed.")
    stay = told.index(
        "Until 120 days after the stay ends. If a crisis there is still open, until it is over."
    )
    erased = told.index("Until the person is erased.")
    assert draft < crisis < stay < erased


def test_what_rests_on_another_basis_for_another_person_says_so():
    agreed = {str(b) for a in activities(DataSubject.TRAVELLER) for b in a.bases}
    reported = {str(b) for a in activities(DataSubject.REPORTED) for b in a.bases}
    assert "Consent" in agreed
    assert "Consent" not in reported
    assert "Vital interests of a person" in reported


def test_the_command_writes_it_in_any_language_and_says_what_went_wrong(tmp_path):
    call_command("write_processing_record", str(tmp_path / "r.md"), "--language", "fr")
    assert (tmp_path / "r.md").read_text(encoding="utf-8").startswith("# ")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("write_processing_record", str(tmp_path / "none" / "r.md"))
