"""Writing and publishing a country's page: two officers, versions kept, the ledger."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from advisories import actions
from advisories.content import digest_of
from advisories.enums import AdviceState
from advisories.models import Advice
from audit.models import Entry
from tests.factories.accounts import make_coordinator, make_post, make_user
from tests.factories.advice import make_advice, make_author_and_publisher

pytestmark = pytest.mark.django_db


def content(**changes: Any) -> actions.AdviceContent:
    given: dict[str, Any] = {
        "level": 2,
        "is_urgent": False,
        "review_on": timezone.now().date() + dt.timedelta(days=60),
        "texts": {"en": {"summary": "Roads close."}, "ar": {"summary": "تُغلق الطرق."}},
        "numbers": [("police", "100"), ("ambulance", "102")],
    }
    return actions.AdviceContent(**(given | changes))


def publish(author: User, publisher: User, **changes: Any) -> Advice:
    actions.write_advice(country="NP", content=content(**changes), by=author)
    return actions.publish_advice(country="NP", by=publisher)


def test_one_writes_and_another_publishes():
    author, publisher = make_author_and_publisher()
    advice = publish(author, publisher)
    assert (advice.version, advice.state) == (1, AdviceState.PUBLISHED)
    assert (advice.written_by, advice.published_by) == (author, publisher)
    assert advice.checked_on == timezone.now().date()
    assert {text.language for text in advice.texts.all()} == {"en", "ar"}
    assert [row.number for row in advice.numbers.all()] == ["100", "102"]
    acts = Entry.objects.filter(object_id=str(advice.pk)).order_by("at")
    assert [entry.action for entry in acts] == ["advice.write", "advice.publish"]
    assert acts[0].details["languages"] == ["ar", "en"]


def test_the_author_is_refused_and_nothing_is_published():
    author, _publisher = make_author_and_publisher()
    actions.write_advice(country="NP", content=content(), by=author)
    with pytest.raises(actions.Refused, match="another officer"):
        actions.publish_advice(country="NP", by=author)
    assert not Advice.objects.published().exists()


def test_the_database_itself_refuses_an_author_who_publishes():
    author, _publisher = make_author_and_publisher()
    draft = actions.write_advice(country="NP", content=content(), by=author)
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Advice.objects.filter(pk=draft.pk).update(
            state=AdviceState.PUBLISHED,
            published_by=author,
            published_at=now,
            checked_on=now.date(),
        )


def test_a_coordinator_publishes_for_any_post():
    author, _publisher = make_author_and_publisher()
    advice = publish(author, make_coordinator())
    assert advice.state == AdviceState.PUBLISHED


def test_whoever_changes_a_draft_last_is_its_author():
    author, publisher = make_author_and_publisher()
    actions.write_advice(country="NP", content=content(), by=author)
    actions.write_advice(country="NP", content=content(level=3), by=publisher)
    with pytest.raises(actions.Refused):
        actions.publish_advice(country="NP", by=publisher)
    assert actions.publish_advice(country="NP", by=author).level == 3


def test_versions_are_kept_and_one_stands():
    author, publisher = make_author_and_publisher()
    first = publish(author, publisher)
    second = publish(publisher, author, level=3)
    first.refresh_from_db()
    assert (first.state, first.version) == (AdviceState.SUPERSEDED, 1)
    assert first.superseded_at == second.published_at
    assert (second.state, second.version) == (AdviceState.PUBLISHED, 2)
    assert first.texts.get(language="en").summary == "Roads close."


def test_what_was_changed_since_it_was_read_is_not_published():
    author, publisher = make_author_and_publisher()
    draft = actions.write_advice(country="NP", content=content(), by=author)
    seen = digest_of(draft)
    actions.write_advice(
        country="NP", content=content(texts={"en": {"summary": "All is well."}}), by=author
    )
    with pytest.raises(actions.Refused, match="changed since"):
        actions.publish_advice(country="NP", by=publisher, seen_digest=seen)


def test_a_colleagues_words_are_not_overwritten_unseen():
    author, colleague = make_author_and_publisher()
    actions.write_advice(country="NP", content=content(), by=author, seen_digest="")
    with pytest.raises(actions.Refused, match="faster"):
        actions.write_advice(country="NP", content=content(), by=colleague, seen_digest="")
    draft = Advice.objects.drafts().get()
    assert draft.written_by == author
    actions.write_advice(
        country="NP", content=content(level=4), by=colleague, seen_digest=digest_of(draft)
    )


@pytest.mark.parametrize("country", ["FR", "IN"])
def test_another_posts_country_is_refused(country):
    author, publisher = make_author_and_publisher()
    for act in (
        lambda: actions.write_advice(country=country, content=content(), by=author),
        lambda: actions.publish_advice(country=country, by=publisher),
        lambda: actions.discard_draft(country=country, by=author),
        lambda: actions.confirm_advice(
            country=country, review_on=timezone.now().date() + dt.timedelta(days=9), by=author
        ),
    ):
        with pytest.raises(actions.Refused, match="jurisdiction"):
            act()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.DATA_PROTECTION_OFFICER])
def test_no_other_role_writes(role):
    with pytest.raises(actions.Refused):
        actions.write_advice(country="NP", content=content(), by=make_user(role))


def test_a_page_is_confirmed_without_a_new_version():
    author, publisher = make_author_and_publisher()
    advice = publish(author, publisher)
    Advice.objects.update(checked_on=dt.date(2026, 1, 1), review_on=dt.date(2026, 2, 1))
    later = timezone.now().date() + dt.timedelta(days=30)
    actions.confirm_advice(country="NP", review_on=later, by=author)
    advice.refresh_from_db()
    assert (advice.checked_on, advice.review_on) == (timezone.now().date(), later)
    assert advice.version == 1
    assert Entry.objects.filter(action="advice.confirm").count() == 1


def test_a_draft_is_thrown_away_and_what_is_published_stands():
    author, publisher = make_author_and_publisher()
    publish(author, publisher)
    actions.write_advice(country="NP", content=content(level=4), by=author)
    actions.discard_draft(country="NP", by=author)
    assert Advice.objects.get().level == 2
    with pytest.raises(actions.Refused):
        actions.discard_draft(country="NP", by=author)
    # The number of a version that nobody has read is used again.
    assert publish(author, publisher).version == 2


def test_one_page_stands_for_each_country():
    make_advice()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_advice(version=2)


def test_an_officer_sees_the_drafts_of_their_countries_alone():
    make_advice("NP", state="draft")
    make_advice("JP", state="draft")
    author, _publisher = make_author_and_publisher()
    tokyo = make_user(Role.OFFICER, post=make_post(jurisdiction=["JP"]))
    assert [a.country for a in Advice.objects.visible_to(author)] == ["NP"]
    assert [a.country for a in Advice.objects.visible_to(tokyo)] == ["JP"]
    assert Advice.objects.visible_to(make_coordinator()).count() == 2
    assert not Advice.objects.visible_to(make_user(Role.AUDITOR)).exists()
