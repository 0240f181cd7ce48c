"""Which commands start the embedded servers."""

from __future__ import annotations

import pytest

from micic_portal.embedded.commandline import needs_servers


@pytest.mark.parametrize(
    "line",
    [
        "",
        "help",
        "--version",
        "migrate --help",
        "makemigrations --check",
        "collectstatic --no-input",
        "compilemessages",
        "check --deploy --fail-level WARNING",
    ],
)
def test_a_command_that_works_on_files_starts_no_server(line: str):
    assert not needs_servers(["manage.py", *line.split()])


@pytest.mark.parametrize(
    "line", ["migrate", "demo", "shell", "check --database default", "check --database=default"]
)
def test_a_command_that_reads_the_database_has_servers(line: str):
    assert needs_servers(["manage.py", *line.split()])
