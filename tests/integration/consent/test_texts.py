"""What people agreed to stays readable in the words they saw; a change asks again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.functional import lazystr

from audit.actors import Actor
from registrations import actions
from registrations.consent_texts import register, words
from registrations.consent_texts.register import REGISTER, ConsentText
from registrations.enums import CompanionConsent, ConsentPurpose
from registrations.models import Consent, Person
from tests.factories.registrations import make_person
from tests.factories.visits import acts, send, shown, visit_of

NEWER = ConsentText(
    version="2026-11-23",
    in_force=dt.date(2026, 11, 22),
    title=lazystr("Send me advice"),
    parts=(lazystr("Twice a week at most."),),
    difference=lazystr("We now write twice a week at most."),
)
EVERY = [(subject, text) for subject, texts in REGISTER.items() for text in texts]


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch, person: Person) -> ConsentText:
    """Asked of someone who has agreed to the version before."""
    texts = {**REGISTER, "advice": (*REGISTER["advice"], NEWER)}
    monkeypatch.setattr(register, "REGISTER", texts)
    return NEWER


@pytest.fixture
def person(db: None) -> Person:
    return make_person(consents=frozenset({"crisis_contact", "advice"}))


class TestWhatWasPublished:
    def test_every_purpose_has_a_text(self):
        assert set(ConsentPurpose.values) < set(REGISTER)
        assert len(REGISTER["companion"][-1].parts) == len(CompanionConsent)

    @pytest.mark.parametrize(("subject", "text"), EVERY)
    def test_its_words_change_only_with_a_new_version(self, subject, text):
        published = words.read_published()[subject][text.version]
        assert published["en"] == words.translated(text, "en"), (
            "Published words were changed: add a version to the register instead."
        )

    @pytest.mark.parametrize(("subject", "text"), EVERY)
    @pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
    def test_nor_do_its_translations(self, subject, text, language):
        found = words.translated_whole(text, language)
        if text is not REGISTER[subject][-1] or found is None:
            return  # What is over stays as it was; what the catalogue lacks was never shown.
        assert words.read_published()[subject][text.version].get(language) == found, (
            "Run `manage.py publish_consent_texts`, or add a version to the register."
        )

    def test_versions_follow_one_another(self):
        for texts in REGISTER.values():
            days = [text.in_force for text in texts]
            assert days == sorted(days)
            assert len({text.version for text in texts}) == len(texts)
            assert all(text.difference for text in texts[1:])
            assert all(len(text.version) <= 16 for text in texts)

    def test_an_improved_translation_leaves_what_was_agreed_to(self, monkeypatch):
        kept = {"advice": {"2026-11-22": {"es": ["Consejos", "Como antes."]}}}
        monkeypatch.setattr(words, "read_published", lambda: kept)
        shown_then = words.words_of("advice", "2026-11-22", "es")
        assert shown_then == words.Words("Consejos", ("Como antes.",), "es")

    def test_what_the_form_of_a_crisis_said_is_found_under_its_purpose(self):
        found = words.words_of("crisis_contact", "2026-11-22-form", "en")
        assert found is not None
        assert "in this crisis" in found.title

    def test_a_text_counts_from_its_day(self, newer):
        assert register.current_text("advice", on=dt.date(2026, 11, 21)).version == "2026-11-22"
        assert register.current_text("advice").version == newer.version


class TestANewVersion:
    def test_suspends_nothing(self, newer, person):
        assert Person.objects.with_consent("advice").filter(pk=person.pk).exists()

    def test_is_shown_beside_the_old_one(self, newer, person):
        page = shown(visit_of(person), "renew_consents")
        agreed = words.words_of("advice", "2026-11-22", person.language)
        assert agreed is not None
        assert agreed.parts[0] in page
        for part in ("Twice a week at most.", "We now write twice a week at most."):
            assert part in page
        assert page.count('name="version"') == 1

    def test_to_agree_closes_the_old_consent_as_the_new_one_begins(self, newer, person):
        visit = visit_of(person)
        answer = {"purpose": "advice", "version": newer.version, "choice": "agree"}
        send(visit, "renew_consents", **answer)
        old, new = person.consents.filter(purpose="advice").order_by("given_at")
        assert (old.withdrawn_at, new.withdrawn_at) == (new.given_at, None)
        assert new.text_version == newer.version
        assert acts(person)[0] == "consent.renew"
        send(visit, "renew_consents", then="read_registration", **answer)
        assert person.consents.filter(purpose="advice").count() == 2

    def test_to_keep_the_old_one_is_asked_once(self, newer, person):
        visit = visit_of(person)
        assert "has changed" in shown(visit, "read_registration")
        answer = {"purpose": "advice", "version": newer.version, "choice": "keep"}
        send(visit, "renew_consents", **answer)
        assert "has changed" not in shown(visit, "read_registration")
        assert acts(person)[0:1] != ["consent.renew"]
        assert "consent.keep" in acts(person)
        kept = person.consents.get(purpose="advice")
        assert (kept.text_version, kept.withdrawn_at) == ("2026-11-22", None)
        # They may still change their mind.
        assert reverse("renew_consents") in shown(visit, "read_consents")
        assert "Twice a week" in shown(visit, "renew_consents")

    def test_to_take_it_back_ends_it(self, newer, person):
        send(
            visit_of(person),
            "renew_consents",
            purpose="advice",
            version=newer.version,
            choice="stop",
        )
        assert not Person.objects.with_consent("advice").exists()

    def test_later_asks_again_at_the_next_sign_in(self, newer, person):
        from registrations.views.mine_consents import page_after_sign_in

        assert page_after_sign_in(person) == reverse("renew_consents")
        shown(visit_of(person), "renew_consents")
        assert page_after_sign_in(person) == reverse("renew_consents")

    def test_nobody_is_asked_while_a_crisis_is_announced(self, newer, person, monkeypatch):
        from registrations.views import mine_consents

        monkeypatch.setattr(mine_consents, "current_crises", lambda: [object()])
        assert mine_consents.page_after_sign_in(person) == reverse("read_registration")

    def test_a_text_that_changed_while_it_was_read_is_not_agreed_to(self, newer, person):
        with pytest.raises(actions.TextMovedOn):
            actions.give_consent(
                person_id=person.pk,
                purpose="advice",
                language="es",
                version="2026-11-22",
                by=Actor.traveller(person.pk),
            )

    def test_without_a_change_nothing_is_asked(self, person):
        response = Client().get(reverse("renew_consents"))
        assert response["Location"] == reverse("sign_in")
        response = visit_of(person).get(reverse("renew_consents"))
        assert response["Location"] == reverse("read_consents")

    def test_what_another_installation_asked_has_no_words_here(self, person):
        Consent.objects.filter(purpose="advice").update(text_version="1999")
        assert "another installation" in shown(visit_of(person), "renew_consents")


def test_the_page_shows_what_was_agreed_to_and_not_what_is_asked_now(newer, person):
    page = shown(visit_of(person), "read_consents")
    assert "Twice a week" not in page
