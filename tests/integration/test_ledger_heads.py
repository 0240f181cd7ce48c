"""The heads of days: what somebody kept shows which day of the past was rewritten."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import ledger, sealing
from audit.actors import Actor
from audit.heads import kept_heads, publish_heads, unfit
from audit.models import Head, Seal

pytestmark = pytest.mark.django_db

DAYS = [dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2026, 3, 4)]
LATER = dt.datetime(2026, 3, 6, 0, 10, tzinfo=dt.UTC)


def run(sql: str, *params: Any) -> None:
    """As the database's owner, whom no privilege binds."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def seal_on(day: dt.date, entries: int = 2) -> None:
    for number in range(entries):
        ledger.record(
            action="person.read", by=Actor.system("tests"), purpose="crisis", details={"n": number}
        )
    sealing.seal_waiting()
    run(
        "UPDATE audit_seal SET sealed_at = %s WHERE position = (SELECT max(position) FROM"
        " audit_seal)",
        dt.datetime.combine(day, dt.time(23, 59), dt.UTC),
    )


@pytest.fixture
def kept(tmp_path) -> Path:
    """The lines of five days, as they came by mail."""
    for day in DAYS:
        seal_on(day)
    lines = [f"> {head.line}" for head in publish_heads(LATER)]
    file = tmp_path / "kept.txt"
    file.write_text("\n".join(["Dear auditor,", "", *lines, ""]), encoding="utf-8")
    return file


def verify(kept: Path) -> str:
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_ledger", heads=kept, verbosity=0, stderr=said)
    return said.getvalue()


def test_each_day_that_is_over_gets_one_head_and_a_day_without_entries_too(kept):
    heads = list(Head.objects.order_by("day"))
    assert [head.day.day for head in heads] == [1, 2, 3, 4, 5]
    assert [head.position for head in heads] == [1, 2, 2, 3, 3]
    assert [head.entries for head in heads] == [2, 2, 0, 2, 0]
    assert bytes(heads[0].digest) == bytes(Seal.objects.get(position=1).digest)
    assert publish_heads(LATER) == []
    assert [head.day.day for head in publish_heads(LATER + dt.timedelta(days=1))] == [6]


def test_nothing_is_published_before_there_is_a_seal():
    assert publish_heads(LATER) == []


def test_what_was_published_does_not_change_with_the_time_of_a_seal(kept):
    lines = [head.line for head in Head.objects.order_by("day")]
    run("UPDATE audit_seal SET sealed_at = '2026-03-05'")
    assert publish_heads(LATER) == []
    assert [head.line for head in Head.objects.order_by("day")] == lines


def test_the_kept_lines_fit_while_nobody_rewrote_the_past(kept):
    said = StringIO()
    call_command("verify_ledger", heads=kept, verbosity=0, stdout=said)
    assert "All 5 kept heads are links" in said.getvalue()


def test_a_past_that_was_rewritten_and_chained_anew_no_longer_fits(kept):
    """The owner alters an entry of the second day, then makes every later seal fit, and the heads
    in the database too: the chain is whole, and what was kept says from which day on it is not."""
    entry = Seal.objects.get(position=2).members.values_list("entry_id", flat=True)[0]
    run("UPDATE audit_entry SET actor_id = 'somebody-else' WHERE id = %s", entry)
    run("DELETE FROM audit_head")
    previous = sealing.GENESIS
    for seal in Seal.objects.order_by("position"):
        digests = sealing.entry_digests(list(seal.members.values_list("entry_id", flat=True)))
        for member, digest in digests.items():
            run("UPDATE audit_sealedentry SET digest = %s WHERE entry_id = %s", digest, member)
        made = sealing.chain_digest(seal.position, previous, digests)
        run(
            "UPDATE audit_seal SET previous = %s, digest = %s WHERE position = %s",
            previous, made, seal.position,
        )  # fmt: skip
        previous = made
    publish_heads(LATER)
    call_command("verify_ledger", verbosity=0, stdout=StringIO())  # Nothing to see.
    assert list(unfit(Head.objects.all())) == []
    said = verify(kept)
    assert [line.split(" no ")[0] for line in said.splitlines()] == [
        "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05",
    ]  # fmt: skip


def test_an_end_that_was_cut_off_no_longer_fits(kept):
    run("DELETE FROM audit_sealedentry WHERE seal_id = 3")
    run("DELETE FROM audit_seal WHERE position = 3")
    assert "2026-03-04 no longer fits: seal 3 is gone" in verify(kept)


def test_what_is_no_list_of_heads_is_said(tmp_path):
    file = tmp_path / "other.txt"
    file.write_text("Nothing of the kind.")
    with pytest.raises(CommandError, match="holds no line"):
        call_command("verify_ledger", heads=file, verbosity=0)
    file.write_text(f"2026-02-31 1 {'0' * 64} 1")
    with pytest.raises(CommandError, match="names a day"):
        call_command("verify_ledger", heads=file, verbosity=0)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_ledger", heads=tmp_path / "none", verbosity=0)


def test_a_line_is_found_however_it_was_kept():
    line = f"2026-03-01 12 {'a' * 64} 345"
    assert [head.position for head in kept_heads(f"> > {line}\r\n{line}\nno line")] == [12, 12]
