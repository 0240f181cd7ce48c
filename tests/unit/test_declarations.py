"""Every field of every model of ours is declared for what it is, with a purpose and a retention."""

from __future__ import annotations

import uuid

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.db import models

from privacy import declarations
from privacy.blind_index import BlindIndexField
from privacy.declarations import Own, declare, problems_of, undeclared_fields
from privacy.fields import SealedTextField
from privacy.processing import DataSubject, LegalBasis

APPS = {
    "privacy",
    "audit",
    "accounts",
    "advisories",
    "geography",
    "notifications",
    "registrations",
    "crises",
    "partners",
    "oversight",
}
ALL = {"id", "topic", "parent", "readers"}


@pytest.fixture
def parcel(monkeypatch):
    monkeypatch.setattr(declarations, "_declared", {})

    class Parcel(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        parent = models.ForeignKey("self", models.CASCADE, related_name="parts")
        readers = models.ManyToManyField("self")
        topic = models.CharField(max_length=20)
        text = SealedTextField(seal="tests.parcel.text")
        text_index = BlindIndexField()

        class Meta:
            apps = Apps()
            app_label = "sealed_rows"

        def __str__(self) -> str:
            return "parcel"

    return Parcel


def test_every_field_of_the_portal_is_declared():
    assert undeclared_fields() == []


def test_every_app_of_ours_is_walked_and_no_other():
    ours = {c.label for c in apps.get_app_configs() if declarations.is_ours(c)}
    assert ours >= APPS & {config.label for config in apps.get_app_configs()}
    assert not ours & {"auth", "sessions", "contenttypes", "account", "mfa", "allauth_idp_oidc"}
    assert {model._meta.app_label for model in declarations.our_models()} <= ours


def test_a_model_declared_whole_has_no_problems(parcel):
    declare(
        parcel,
        purpose="p",
        retention="r",
        about=(),
        sealed={"text"},
        plain=ALL,
        derived={"text_index"},
    )
    assert problems_of(parcel) == []


@pytest.mark.parametrize(
    ("sealed", "plain", "derived", "problem"),
    [
        ({"text"}, ALL - {"topic"}, {"text_index"}, "topic is not declared"),
        ({"text"}, ALL - {"parent"}, {"text_index"}, "parent is not declared"),
        ({"text"}, ALL - {"readers"}, {"text_index"}, "readers is not declared"),
        (set(), ALL | {"text"}, {"text_index"}, "text is declared plain but is a SealedTextField"),
        (set(), ALL, {"text", "text_index"}, "text is declared derived but is a SealedTextField"),
        ({"text", "topic"}, ALL - {"topic"}, {"text_index"}, "declared sealed but is a CharField"),
        ({"text"}, ALL | {"text_index"}, set(), "declare it derived"),
        ({"text"}, ALL | {"gone"}, {"text_index"}, "gone is declared but is no field"),
        ({"text"}, ALL, {"text_index", "topic"}, "topic is declared twice"),
        ({"text"}, dict.fromkeys(ALL, " "), {"text_index"}, None),
    ],
)
def test_each_way_to_declare_wrong_is_told(parcel, sealed, plain, derived, problem):
    declare(
        parcel,
        purpose="p",
        retention="r",
        about=(),
        sealed=sealed,
        plain=plain,
        derived=derived,
    )
    found = problems_of(parcel)
    assert found == [] if problem is None else any(problem in told for told in found)


@pytest.mark.parametrize(("purpose", "retention"), [("", "r"), ("p", " ")])
def test_a_purpose_and_a_retention_are_never_left_out(parcel, purpose, retention):
    declare(parcel, purpose=purpose, retention=retention, about=(), sealed={"text"})
    assert "sealed_rows.Parcel.text lacks a purpose or a retention" in problems_of(parcel)


def test_a_field_may_have_a_purpose_and_a_retention_of_its_own(parcel):
    declare(
        parcel,
        purpose="p",
        retention="r",
        about=(),
        plain={"topic": Own("own", "3 days"), "id": "why"},
    )
    told = {d.name: (d.purpose, d.retention) for d in declarations.declarations(parcel)}
    assert told == {"topic": ("own", "3 days"), "id": ("why", "r")}


BOTH = {DataSubject.FAMILY, DataSubject.TRAVELLER}


@pytest.mark.parametrize(
    ("about", "basis", "problem"),
    [
        (None, None, "does not say whom it is about"),
        (None, LegalBasis.CONSENT, "does not say whom it is about"),
        ((), LegalBasis.CONSENT, "is about nobody, yet has a legal basis"),
        (BOTH, None, "lacks a legal basis"),
        (BOTH, {DataSubject.FAMILY: LegalBasis.CONSENT}, "lacks a legal basis"),
        (BOTH, LegalBasis.CONSENT, None),
        (BOTH, dict.fromkeys(BOTH, LegalBasis.CONSENT), None),
        ((), None, None),
    ],
)
def test_whom_it_is_about_and_on_what_it_rests_are_never_left_out(parcel, about, basis, problem):
    declare(
        parcel,
        purpose="p",
        retention="r",
        about=about,
        basis=basis,
        sealed={"text"},
        plain=ALL,
        derived={"text_index"},
    )
    found = problems_of(parcel)
    assert found == [] if problem is None else [one for one in found if problem in one] == found
    assert bool(found) == (problem is not None)


def test_a_model_without_a_declaration_is_told_field_by_field(parcel):
    assert len(problems_of(parcel)) == 6
