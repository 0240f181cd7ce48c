"""What a second click does on the crisis room's pages, and how a crisis is closed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from crises import actions
from crises.alert_files import read_alert
from crises.enums import NoticeState
from crises.models import Crisis
from tests.factories.accounts import make_coordinator, make_officer, make_post
from tests.factories.crises import make_crisis
from tests.factories.crisis_pages import (
    ALERTS,
    POINT,
    signed_in,
    state_of,
)

pytestmark = pytest.mark.django_db


class TestASecondClick:
    def test_opens_one_crisis(self):
        client = signed_in(make_officer())
        typed = {"title": "Flood", "radius_km": "20", **POINT}
        first, second = (client.post(reverse("open_crisis"), typed) for _ in range(2))
        assert first.status_code == second.status_code == 302
        assert first["Location"] == second["Location"]
        assert Crisis.objects.count() == 1

    def test_opens_one_crisis_from_a_file(self):
        by = make_coordinator(post=make_post())
        alert = read_alert((ALERTS / "ph.cap").read_bytes())
        url = reverse("review_import", args=[actions.import_alert(alert=alert, by=by).pk])
        client = signed_in(by)
        page = client.get(url)
        typed = {"title": "Drill", "label": "At sea", "confirm_expired": "on"}
        typed |= {"way": "use", "part": "0"}
        assert page.status_code == 200
        answers = [client.post(url, typed) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert Crisis.objects.count() == 1

    def test_the_same_words_elsewhere_open_another(self):
        by = make_officer()
        make_crisis(by)
        make_crisis(by, title="Another flood")
        make_crisis(make_officer(post=by.post))
        assert Crisis.objects.count() == 3

    def test_starts_approves_and_closes_once(self, urls, notice):
        client = signed_in(make_officer(post=notice.author.post))
        for _ in range(2):
            assert client.post(urls["approve_notice"]).status_code == 302
        assert state_of(notice) == ("approved", "open")
        for _ in range(2):
            assert client.post(urls["close_crisis"]).status_code == 302
        assert state_of(notice) == ("aborted", "closed")

    def test_is_met_without_blame(self, urls, notice):
        author = signed_in(notice.author)
        second = signed_in(make_officer(post=notice.author.post))
        for client, name in (
            (author, "withdraw_notice"),
            (author, "submit_notice"),
            (second, "approve_notice"),
        ):
            for _ in range(2):
                page = client.post(urls[name], follow=True)
                assert page.status_code == 200
                assert not list(page.context["messages"]), name
        third = signed_in(make_officer(post=notice.author.post))
        page = third.post(urls["approve_notice"], follow=True)
        assert "faster" in str(next(iter(page.context["messages"])))


class TestClosing:
    def test_the_room_offers_it_while_the_crisis_is_open(self, urls, notice):
        client = signed_in(notice.author)
        assert urls["close_crisis"] in client.get(urls["review_notice"]).content.decode()
        client.post(urls["close_crisis"])
        for name in ("review_notice", "preview_audience", "watch_notice", "set_area"):
            response = client.get(urls[name])
            assert response.status_code == 200
            assert urls["close_crisis"] not in response.content.decode()


def test_an_approved_notice_can_still_be_stopped_while_no_worker_runs(urls, notice):
    second = make_officer(post=notice.author.post)
    actions.approve_notice(notice=notice, by=second)
    client = signed_in(notice.author)
    assert urls["abort_notice"] in client.get(urls["watch_notice"]).content.decode()
    client.post(urls["abort_notice"])
    assert state_of(notice)[0] == NoticeState.ABORTED
