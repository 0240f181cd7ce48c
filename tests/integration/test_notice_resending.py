"""A notice again, to those not reached: while its approval, its time and its crisis stand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from crises import actions
from crises.enums import NoticeState
from crises.models import Notice
from notifications.enums import DeliveryState, MessageState
from notifications.models import Delivery, Message
from registrations.models import ContactPoint
from tests.factories.accounts import make_coordinator, make_officer, make_post
from tests.factories.crises import make_frozen, make_people
from tests.factories.crisis_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> Notice:
    """Sent to three people over two channels each: one was not reached, one by mail alone."""
    missed, by_mail, _reached = make_people(3)
    notice = make_frozen()
    rows = Delivery.objects.filter(message=notice.message_id)
    rows.update(state=DeliveryState.ACCEPTED, due_at=None)
    rows.filter(subject_id=missed.pk).update(state=DeliveryState.FAILED)
    rows.filter(subject_id=by_mail.pk).exclude(channel="mail").update(state=DeliveryState.FAILED)
    Message.objects.update(state=MessageState.DONE)
    actions.finish_notices()
    notice.refresh_from_db()
    assert notice.state == NoticeState.SENT
    return notice


def test_it_goes_to_the_missing_alone_and_is_finished_again(sent: Notice):
    report = actions.resend_notice(notice=sent, by=sent.author)
    assert (report.again, report.reached) == (2, 3)
    sent.refresh_from_db()
    assert (sent.state, sent.finished_at) == (NoticeState.SENDING, None)
    assert Entry.objects.get(action="notice.resend").details == {"again": 2}
    assert actions.resend_notice(notice=sent, by=sent.author).again == 0
    assert Entry.objects.filter(action="notice.resend").count() == 1
    Delivery.objects.filter(state=DeliveryState.QUEUED).update(
        state=DeliveryState.ACCEPTED, due_at=None
    )
    Message.objects.update(state=MessageState.DONE)
    actions.finish_notices()
    sent.refresh_from_db()
    assert sent.state == NoticeState.SENT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"content_digest": "0" * 64}, "approval"),
        ({"area_digest": "0" * 64}, "approval"),
        ({"state": NoticeState.ABORTED}, "faster"),
    ],
)
def test_not_without_its_approval(sent: Notice, change: dict, words: str):
    Notice.objects.update(**change)
    with pytest.raises(actions.Refused, match=words):
        actions.resend_notice(notice=sent, by=sent.author)
    assert not Delivery.objects.filter(state=DeliveryState.QUEUED).exists()


def let_expire(notice: Notice) -> None:
    """Its time is over, and was approved so."""
    notice.expires_at = timezone.now() - timedelta(seconds=1)
    notice.content_digest = notice.digest_of_content()
    notice.save()


def test_not_past_its_time(sent: Notice):
    let_expire(sent)
    with pytest.raises(actions.Refused, match="expired"):
        actions.resend_notice(notice=sent, by=sent.author)


def test_not_once_the_crisis_is_closed(sent: Notice):
    actions.close_crisis(crisis=sent.crisis, by=sent.author)
    with pytest.raises(actions.Refused, match="closed"):
        actions.resend_notice(notice=Notice.objects.get(), by=sent.author)


def test_not_by_whoever_does_not_lead(sent: Notice):
    with pytest.raises(actions.Refused):
        actions.resend_notice(
            notice=sent, by=make_officer(post=make_post(country="FR", jurisdiction=["FR"]))
        )


def test_the_page_offers_it_where_somebody_is_missing(sent: Notice):
    client = signed_in(make_coordinator())
    page, button = reverse("watch_notice", args=[sent.pk]), reverse("resend_notice", args=[sent.pk])
    html = client.get(page).content.decode()
    assert button in html
    assert "2 messages failed" in html
    for _ in range(2):
        assert client.post(button).status_code == 302
    after = client.get(page)
    assert button not in after.content.decode()
    assert not list(after.context["messages"])
    assert ContactPoint.objects.count() == Delivery.objects.count()


def test_nor_where_it_could_not_be_sent(sent: Notice):
    client = signed_in(make_coordinator())
    page, button = reverse("watch_notice", args=[sent.pk]), reverse("resend_notice", args=[sent.pk])
    assert button in client.get(page).content.decode()
    let_expire(sent)
    assert button not in client.get(page).content.decode()
