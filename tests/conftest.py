"""What every test stands on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sinks import backup, backup_process, sinks, sinks_process  # noqa: F401
from tests.strict_templates import strict_templates


@pytest.fixture(scope="session", autouse=True)
def _strict_templates() -> Iterator[None]:
    with strict_templates():
        yield


@pytest.fixture(autouse=True)
def _no_area_is_held_in_memory() -> None:
    """What an area touches was worked out with the places of another test's database."""
    from geography import covers  # Not before the settings are read.

    covers.forget()


@pytest.fixture(autouse=True)
def journal_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A journal of the test's own: the database that it belongs to is emptied after the test.

    The portal serves without looking; a test of that calls `standing.look_again()`.
    """
    from audit.journal import standing  # Not before the settings are read.

    folder = tmp_path / "journal"
    monkeypatch.setattr("django.conf.settings.JOURNAL_DIR", folder)
    monkeypatch.setenv("JOURNAL_DIR", str(folder))  # for the processes that a test starts
    standing.assume(standing.Standing())
    yield folder
    standing.assume(standing.Standing())
