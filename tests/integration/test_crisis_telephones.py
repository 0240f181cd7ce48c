"""The number that answers day and night: on every notice and on every page behind its link."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crises import actions
from crises.models import Crisis
from crises.telephones import posts_of
from crises.texts import compose
from notifications.templates import TextOf
from registrations.current_crises import current_crises
from tests.factories.accounts import make_coordinator, make_post
from tests.factories.crises import make_crisis, make_frozen, make_notice, make_people, token_of

pytestmark = pytest.mark.django_db
OWN, OTHER, ELSEWHERE = "+97714411223", "+97714400000", "+33140000000"


@pytest.fixture
def sent():
    person = make_people(1)[0]
    notice = make_frozen()
    return notice, token_of(notice, person)


def lead(crisis: Crisis, post: object) -> None:
    Crisis.objects.filter(pk=crisis.pk).update(post=post)


def links_of(token: str) -> list[str]:
    return [f"/a/{token}/", f"/a/stop/{token}/"]


class TestPages:
    def test_the_post_that_leads(self, client, sent):
        for address in links_of(sent[1]):
            assert f'href="tel:{OWN}"' in client.get(address).content.decode()

    def test_without_one_those_of_its_countries(self, client, sent):
        notice, token = sent
        make_post(name="Consulate in Pokhara", telephone_24h=OTHER)
        make_post(name="Embassy in Paris", jurisdiction=["FR"], telephone_24h=ELSEWHERE)
        lead(notice.crisis, None)
        for address in links_of(token):
            page = client.get(address).content.decode()
            assert f'href="tel:{OTHER}"' in page
            assert f'href="tel:{OWN}"' in page
            assert ELSEWHERE not in page

    def test_also_after_the_end(self, client, sent):
        notice, token = sent
        lead(notice.crisis, None)
        actions.close_crisis(crisis=notice.crisis, by=notice.author)
        Crisis.objects.update(closed_at=timezone.now() - timedelta(days=15))
        for address in links_of(token):
            response = client.get(address)
            assert response.status_code == 410
            assert f'href="tel:{OWN}"' in response.content.decode()

    def test_a_page_of_a_problem_has_it_too(self, client, sent):
        response = client.post(f"/a/{sent[1]}/", {"choice": "fine"})
        assert response.status_code == 422
        assert f'href="tel:{OWN}"' in response.content.decode()

    def test_where_no_post_is_no_number_is_invented(self, client, sent):
        notice, token = sent
        Crisis.objects.filter(pk=notice.crisis.pk).update(post=None, countries=["FR"])
        for address in links_of(token):
            response = client.get(address)
            assert response.status_code == 200
            assert b"tel:" not in response.content

    def test_the_first_page_has_it_without_a_leading_post(self, client, sent):
        lead(sent[0].crisis, None)
        assert [one.telephone for one in current_crises()] == [OWN]
        assert f'href="tel:{OWN}"' in client.get(reverse("start")).content.decode()

    def test_three_numbers_are_the_most(self, sent):
        for number in range(5):
            make_post(name=f"Post {number}")
        crisis = sent[0].crisis
        crisis.post = None
        assert len(posts_of(crisis)) == 3


class TestNotices:
    def written(self, crisis: Crisis) -> dict[str, TextOf]:
        notice = make_notice(crisis)
        notice.crisis.refresh_from_db()
        return {text.language: text for text in compose(notice)}

    def test_in_mail_and_sms_of_each_language(self):
        for text in self.written(make_crisis()).values():
            assert OWN in text.body
            assert OWN in text.sms

    def test_without_a_leading_post(self):
        crisis = make_crisis()
        make_post(name="A consulate", telephone_24h=OTHER)
        lead(crisis, None)
        for text in self.written(crisis).values():
            assert OWN in text.body
            assert OTHER in text.body
            assert text.sms.count("+977") == 1

    def test_a_coordinator_s_crisis_takes_the_post_of_its_countries(self):
        make_post(name="Embassy")
        crisis = make_crisis(make_coordinator())
        assert OWN in self.written(crisis)["en"].body
