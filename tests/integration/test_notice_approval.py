"""Two people for every notice: held by the action, by the database and by the worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import ledger
from audit.models import Entry
from crises import actions
from crises.enums import NOTICE_TRANSITIONS, NoticeState, Severity, Urgency
from crises.models import Notice
from notifications.models import Delivery
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.crises import (
    TEXTS,
    make_approved,
    make_crisis,
    make_notice,
    make_people,
    make_submitted,
    second_officer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    return make_people(2)


def entry(action: str) -> Entry:
    return Entry.objects.get(action=action)


def words(**changes: object) -> dict[str, Any]:
    given: dict[str, Any] = {
        "urgency": Urgency.EXPECTED,
        "severity": Severity.MINOR,
        "certainty": "Likely",
        "expires_at": timezone.now() + timedelta(hours=5),
        "texts": TEXTS,
    }
    return given | changes


class TestTheAuthorCannotApprove:
    def test_the_action_refuses(self):
        notice = make_submitted()
        with pytest.raises(actions.Refused, match="another officer"):
            actions.approve_notice(notice=notice, by=notice.author)
        notice.refresh_from_db()
        assert notice.state == NoticeState.SUBMITTED
        assert notice.approver is None

    def test_not_even_an_author_who_is_coordinator(self):
        crisis = make_crisis(make_coordinator(post=make_post()))
        notice = make_submitted(crisis)
        with pytest.raises(actions.Refused, match="another officer"):
            actions.approve_notice(notice=notice, by=notice.author)

    def test_the_database_refuses(self):
        notice = make_submitted()
        with (
            pytest.raises(IntegrityError, match="notice_approved_by_another"),
            transaction.atomic(),
        ):
            Notice.objects.filter(pk=notice.pk).update(
                state=NoticeState.APPROVED,
                approver=notice.author,
                approved_at=timezone.now(),
                approved_count=4,
            )

    def test_the_database_refuses_an_approval_by_nobody(self):
        notice = make_submitted()
        with (
            pytest.raises(IntegrityError, match="notice_under_way_is_approved"),
            transaction.atomic(),
        ):
            Notice.objects.filter(pk=notice.pk).update(state=NoticeState.APPROVED)

    def test_the_worker_refuses_although_the_database_were_open(self):
        notice = make_submitted()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE crises_notice DROP CONSTRAINT notice_approved_by_another")
        Notice.objects.filter(pk=notice.pk).update(
            state=NoticeState.APPROVED,
            approver=notice.author,
            approved_at=timezone.now(),
            approved_count=4,
        )
        assert actions.freeze_notice(notice.pk) == NoticeState.SUBMITTED
        assert not Delivery.objects.exists()
        notice.refresh_from_db()
        assert notice.approver is None
        assert entry("notice.refuse").details == {"reason": "not_approved_by_another"}


class TestWhoApproves:
    def test_another_officer_of_the_post(self):
        notice = make_submitted()
        other = second_officer(notice)
        actions.approve_notice(notice=notice, by=other)
        notice.refresh_from_db()
        assert (notice.state, notice.approver) == (NoticeState.APPROVED, other)
        found = entry("notice.approve").details
        assert found["area_digest"] == notice.area.digest
        assert found["classes"] == sorted(notice.classes)
        assert found["previewed"] == notice.previewed_count == notice.approved_count == 4

    def test_a_coordinator(self):
        notice = make_submitted()
        actions.approve_notice(notice=notice, by=make_coordinator())

    def test_nobody_from_elsewhere(self):
        notice = make_submitted()
        elsewhere = make_officer(post=make_post(jurisdiction=["JP"], city="Tokyo"))
        with pytest.raises(actions.Refused, match="Nepal"):
            actions.approve_notice(notice=notice, by=elsewhere)

    @pytest.mark.parametrize("role", ["auditor", "data_protection_officer", "operator"])
    def test_nobody_who_is_no_officer(self, role):
        notice = make_submitted()
        with pytest.raises(actions.Refused, match="Only a consular officer"):
            actions.approve_notice(notice=notice, by=make_user(role))

    def test_nobody_who_has_left(self):
        notice = make_submitted()
        gone = make_officer(post=notice.author.post, is_active=False)
        with pytest.raises(actions.Refused):
            actions.approve_notice(notice=notice, by=gone)

    def test_an_approver_who_loses_the_role_before_the_freeze(self):
        notice = make_approved()
        assert notice.approver is not None
        notice.approver.is_active = False
        notice.approver.save()
        assert actions.freeze_notice(notice.pk) == NoticeState.SUBMITTED
        assert entry("notice.refuse").details == {"reason": "approver_may_not"}


class TestWhatWasSeenIsWhatIsApproved:
    def test_a_changed_notice_is_refused(self):
        notice = make_submitted()
        seen = notice.content_digest
        actions.withdraw_notice(notice=notice, by=notice.author)
        texts = {"en": {"subject": "Run", "body": "Run now.", "sms": "Run."}}
        actions.write_notice(notice=notice, by=notice.author, **words(texts=texts))
        actions.submit_notice(notice=notice, by=notice.author)
        with pytest.raises(actions.Refused, match="changed since"):
            actions.approve_notice(notice=notice, by=second_officer(notice), seen_digest=seen)

    @pytest.mark.parametrize("digest", ["content_digest", "area_digest"])
    def test_an_unchanged_one_is_not(self, digest):
        notice = make_submitted()
        actions.approve_notice(
            notice=notice, by=second_officer(notice), seen_digest=getattr(notice, digest)
        )

    def test_words_changed_behind_the_action_are_found_by_the_worker(self):
        notice = make_approved()
        notice.texts.filter(language="en").update(body="Something else.")
        assert actions.freeze_notice(notice.pk) == NoticeState.SUBMITTED
        assert entry("notice.refuse").details == {"reason": "changed_after_approval"}
        assert not Delivery.objects.exists()

    @pytest.mark.parametrize(
        "state", [s for s in NoticeState if s not in (NoticeState.DRAFT, NoticeState.RETURNED)]
    )
    def test_only_drafts_and_returned_ones_are_written(self, state):
        notice = make_approved()
        if state in (NoticeState.FROZEN, NoticeState.SENDING, NoticeState.SENT):
            actions.freeze_notice(notice.pk)
        Notice.objects.filter(pk=notice.pk).update(state=state)
        with pytest.raises(actions.Refused):
            actions.write_notice(notice=notice, by=notice.author, **words())

    def test_only_its_author_writes_submits_and_withdraws(self):
        notice = make_notice()
        other = second_officer(notice)
        for act in (
            lambda: actions.write_notice(notice=notice, by=other, **words()),
            lambda: actions.submit_notice(notice=notice, by=other),
            lambda: actions.withdraw_notice(notice=notice, by=other),
        ):
            with pytest.raises(actions.Refused, match="Only its author"):
                act()


class TestEveryStateButTheRightOne:
    """From each state each action either follows the table or refuses and changes nothing."""

    @pytest.mark.parametrize("state", NoticeState.values)
    @pytest.mark.parametrize("after", ["approved", "returned", "aborted", "submitted", "draft"])
    def test_moves(self, state, after):
        notice = make_approved()
        if state in ("frozen", "sending", "sent"):
            actions.freeze_notice(notice.pk)
        Notice.objects.filter(pk=notice.pk).update(state=state)
        notice.refresh_from_db()
        author, other = notice.author, second_officer(notice)
        act = {
            "approved": lambda: actions.approve_notice(notice=notice, by=other),
            "returned": lambda: actions.return_notice(notice=notice, by=other, reason="No"),
            "aborted": lambda: actions.abort_notice(notice=notice, by=other),
            "submitted": lambda: actions.submit_notice(notice=notice, by=author),
            "draft": lambda: actions.withdraw_notice(notice=notice, by=author),
        }[after]
        # A returned notice may be submitted as it is: the action passes through DRAFT.
        allowed = after in NOTICE_TRANSITIONS[state] or (state, after) == ("returned", "submitted")
        # From APPROVED only the worker goes back; from RETURNED a draft is made by writing.
        allowed &= (state, after) not in {("approved", "submitted"), ("returned", "draft")}
        if allowed:
            act()
        else:
            with pytest.raises(actions.Refused):
                act()
        notice.refresh_from_db()
        assert notice.state == (after if allowed else state)


class TestReturning:
    def test_with_a_reason(self):
        notice = make_submitted()
        actions.return_notice(notice=notice, reason="Name the bridge.", by=second_officer(notice))
        notice.refresh_from_db()
        assert (notice.state, notice.returned_reason) == ("returned", "Name the bridge.")
        assert ledger.read_note(entry("notice.return")) == "Name the bridge."
        actions.write_notice(notice=notice, by=notice.author, **words())
        actions.submit_notice(notice=notice, by=notice.author)
        notice.refresh_from_db()
        assert (notice.state, notice.returned_reason) == ("submitted", "")

    def test_not_without_one_and_not_by_the_author(self):
        notice = make_submitted()
        with pytest.raises(actions.Refused, match="reason"):
            actions.return_notice(notice=notice, reason=" ", by=second_officer(notice))
        with pytest.raises(actions.Refused, match="another officer"):
            actions.return_notice(notice=notice, reason="No", by=notice.author)


class TestBreakGlass:
    def test_alone_in_extremity_with_a_sealed_reason_written_large(self):
        notice = make_submitted()
        actions.break_glass(notice=notice, reason="The dam has broken.", by=notice.author)
        notice.refresh_from_db()
        assert (notice.state, notice.approver) == ("approved", notice.author)
        assert notice.break_glass_reason == "The dam has broken."
        large = entry("notice.break_glass")
        assert large.details["BREAK_GLASS"] is True
        assert ledger.read_note(large) == "The dam has broken."
        with connection.cursor() as cursor:
            cursor.execute("SELECT break_glass_reason FROM crises_notice")
            assert b"dam" not in bytes(cursor.fetchone()[0])
        assert actions.freeze_notice(notice.pk) == NoticeState.SENDING

    def test_from_a_draft_it_counts_first(self):
        notice = make_notice()
        actions.break_glass(notice=notice, reason="The dam has broken.", by=notice.author)
        notice.refresh_from_db()
        assert notice.approved_count == 4

    @pytest.mark.parametrize(
        ("urgency", "severity"),
        [(Urgency.EXPECTED, Severity.EXTREME), (Urgency.IMMEDIATE, Severity.MODERATE)],
    )
    def test_never_for_less(self, urgency, severity):
        notice = make_submitted(urgency=urgency, severity=severity)
        with pytest.raises(actions.Refused, match="immediate"):
            actions.break_glass(notice=notice, reason="Now", by=notice.author)
        notice.refresh_from_db()
        notice.state = NoticeState.APPROVED
        notice.approver = notice.author
        notice.approved_at = timezone.now()
        notice.break_glass_reason = "Now"
        with pytest.raises(IntegrityError, match="only_in_extremity"), transaction.atomic():
            notice.save()

    def test_never_without_a_reason_nor_by_another(self):
        notice = make_submitted()
        with pytest.raises(actions.Refused, match="nobody else"):
            actions.break_glass(notice=notice, reason="  ", by=notice.author)
        with pytest.raises(actions.Refused, match="Only its author"):
            actions.break_glass(notice=notice, reason="Now", by=second_officer(notice))


class TestWhatCannotBeSubmitted:
    def test_an_expired_one(self):
        notice = make_notice()
        Notice.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        with pytest.raises(actions.Refused, match="expired"):
            actions.submit_notice(notice=notice, by=notice.author)

    def test_one_without_words(self):
        notice = make_notice()
        notice.texts.all().delete()
        with pytest.raises(actions.Refused, match="at least one language"):
            actions.submit_notice(notice=notice, by=notice.author)

    def test_one_that_reaches_nobody(self):
        crisis = make_crisis()
        notice = make_notice(crisis)
        Notice.objects.update(classes=["somewhere", "expired"])
        with pytest.raises(actions.Refused, match="Nobody"):
            actions.submit_notice(notice=notice, by=notice.author)

    @pytest.mark.parametrize("bad", ["{name}", "{", "Dear {}"])
    def test_words_that_cannot_be_filled_in(self, bad):
        texts = {"en": {"subject": "Go", "body": bad, "sms": "Go"}}
        with pytest.raises(actions.Refused):
            make_notice(texts=texts)

    def test_expired_between_approval_and_freeze(self):
        notice = make_approved()
        Notice.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        Notice.objects.update(content_digest=Notice.objects.get().digest_of_content())
        assert actions.freeze_notice(notice.pk) == NoticeState.ABORTED
        assert entry("notice.refuse").details == {"reason": "expired"}
