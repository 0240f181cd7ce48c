"""The officers' pages of texts that marked nobody."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from crises import actions
from crises.enums import AnsweredVia, Choice, ReplyOutcome
from crises.models import Answer, IncomingReply, Notice
from registrations.models import Person
from tests.factories.accounts import make_officer, make_post
from tests.factories.crises import make_crisis, make_frozen, make_people
from tests.factories.crisis_pages import signed_in
from tests.factories.registrations import make_places
from tests.factories.replies import make_reply, sent, text_message

pytestmark = pytest.mark.django_db

PHONE = "+9779841200000"
WORDS = "My leg hurts <b>a lot</b>"


@pytest.fixture(autouse=True)
def world() -> None:
    caches["limits"].clear()
    make_places()


@pytest.fixture
def people() -> list[Person]:
    return make_people(2)


@pytest.fixture
def notice(people: list[Person]) -> Notice:
    found = make_frozen(make_crisis())
    sent(found)
    return found


@pytest.fixture
def reply(notice: Notice) -> IncomingReply:
    found = text_message(PHONE, WORDS)
    assert found is not None
    return found


@pytest.fixture
def officer(notice: Notice) -> User:
    return notice.crisis.opened_by


@pytest.fixture
def desk(officer: User) -> Client:
    return signed_in(officer)


def page(name: str, reply: IncomingReply, notice: Notice) -> str:
    return reverse(name, args=[notice.crisis_id, reply.pk])


def opened(desk: Client, reply: IncomingReply, notice: Notice) -> str:
    return desk.post(page("read_reply", reply, notice)).content.decode()


def test_the_list_tells_why_and_not_what(desk, notice, reply):
    answer = desk.get(reverse("list_replies", args=[notice.crisis_id]))
    text = answer.content.decode()
    assert reply.get_reason_display() in text
    assert "leg" not in text
    assert PHONE not in text


def test_what_may_be_a_call_for_help_is_read_first(desk, notice, reply):
    call = text_message(PHONE, "atrapados AYUDAAA ???")
    assert call is not None
    later = text_message(PHONE, "who is this")
    assert later is not None
    found = IncomingReply.objects.to_read_in(notice.crisis)
    assert list(found) == [call, reply, later]  # "hurts" may be one as well.
    page = desk.get(reverse("list_replies", args=[notice.crisis_id])).content.decode()
    assert page.count("May be a call for help") == 2


def test_the_room_says_how_many_wait(desk, notice, reply):
    address = reverse("list_replies", args=[notice.crisis_id])
    assert address in desk.get(reverse("watch_notice", args=[notice.pk])).content.decode()
    IncomingReply.objects.all().delete()
    assert address not in desk.get(reverse("watch_notice", args=[notice.pk])).content.decode()


def test_what_it_says_is_shown_once_it_is_opened_and_that_is_recorded(desk, notice, reply, people):
    closed = desk.get(page("read_reply", reply, notice)).content.decode()
    assert "leg" not in closed
    assert PHONE not in closed
    assert not Entry.objects.filter(action="reply.read").exists()
    answer = desk.post(page("read_reply", reply, notice))
    text = answer.content.decode()
    assert "My leg hurts &lt;b&gt;a lot&lt;/b&gt;" in text
    assert PHONE in text
    assert str(people[0].pk) in text
    assert str(people[1].pk) not in text
    assert answer["Cache-Control"] == "no-store"
    entry = Entry.objects.get(action="reply.read")
    assert "leg" not in str(entry.details)
    assert entry.subjects.count() == 1


def test_an_officer_says_whom_it_means(desk, notice, reply, people):
    answer = desk.post(
        page("assign_reply", reply, notice),
        {"person": people[0].pk, "choice": Choice.NEED_HELP},
    )
    assert answer.status_code == 302
    [found] = Answer.objects.all()
    assert (found.person_id, found.choice, found.via, found.note) == (
        people[0].pk,
        Choice.NEED_HELP,
        AnsweredVia.OFFICER,
        WORDS,
    )
    reply.refresh_from_db()
    assert (reply.outcome, reply.text, reply.sender) == (ReplyOutcome.ASSIGNED, None, None)
    assert desk.get(page("read_reply", reply, notice)).status_code == 404


def test_nobody_is_marked_who_was_not_written_to_there(desk, notice, reply, people):
    desk.post(page("assign_reply", reply, notice), {"person": people[1].pk, "choice": Choice.SAFE})
    assert not Answer.objects.exists()
    desk.post(page("assign_reply", reply, notice), {"person": "x", "choice": "y"})
    reply.refresh_from_db()
    assert reply.handled_at is None


def test_it_may_mean_nobody(desk, notice, reply):
    desk.post(page("dismiss_reply", reply, notice))
    reply.refresh_from_db()
    assert (reply.outcome, reply.handled_by) == (ReplyOutcome.NOBODY, notice.crisis.opened_by)
    assert not Answer.objects.exists()
    assert not IncomingReply.objects.to_read_in(notice.crisis).exists()


def test_two_officers_handle_it_once(notice, reply, officer, people):
    actions.dismiss_reply(crisis=notice.crisis, reply=reply, by=officer)
    with pytest.raises(actions.Refused):
        actions.assign_reply(
            crisis=notice.crisis,
            reply=reply,
            person_id=people[0].pk,
            choice=Choice.SAFE,
            by=officer,
        )
    assert not Answer.objects.exists()


def test_one_of_another_crisis_is_not_there(desk, notice, reply):
    other = make_crisis(notice.crisis.opened_by, title="Another flood")
    address = reverse("read_reply", args=[other.pk, reply.pk])
    assert desk.get(address).status_code == 404
    assert desk.post(address).status_code == 404


def test_one_that_nobody_could_tie_to_a_crisis_is_shown_in_each(desk, notice):
    unknown = make_reply()
    assert "+9779841299999" in opened(desk, unknown, notice)


def test_another_posts_officer_sees_none(notice, reply):
    santiago = make_post(
        name="Embassy in Santiago", city="Santiago", country="CL", jurisdiction=["CL"]
    )
    client = signed_in(make_officer(post=santiago))
    assert client.get(reverse("list_replies", args=[notice.crisis_id])).status_code == 404
    for name in ("read_reply", "assign_reply", "dismiss_reply"):
        assert client.post(page(name, reply, notice)).status_code == 404


def test_a_crisis_that_is_closed_opens_no_reply(desk, notice, reply, officer):
    actions.close_crisis(crisis=notice.crisis, by=officer)
    assert "leg" not in opened(desk, reply, notice)
