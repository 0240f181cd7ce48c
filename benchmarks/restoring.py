"""`make bench-restoring`: backup, restore and replay, beside bare pg_dump and pg_restore.

Everything runs on this machine, in VAR_DIR; the restored databases are made beside the full one.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.setting_up import PROJECT, set_up


def main() -> None:
    arguments = _arguments()
    set_up()
    from django.core.management import call_command

    from benchmarks import results
    from micic_portal.demo.registering import ensure_population

    machine = results.machine()
    call_command("prepare_database", verbosity=0)
    ensure_population(arguments.people)
    figures = measure_restoring(erased=arguments.erased) | {
        "machine": machine,
        "versions": results.versions(),
    }
    results.print_table("Backup, restore and replay", _table(figures))
    print(f"\n{results.write('restoring', figures, arguments.results)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--erased", type=int, default=2_000, help="since the backup")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def measure_restoring(*, erased: int) -> dict[str, Any]:
    """Seconds of each step on the people who are registered; `erased` of them were since."""
    import pyrage
    from django.conf import settings
    from django.db import connections, transaction

    from audit.actors import Actor
    from audit.journal import journal
    from audit.journal.replaying import replay_journal
    from audit.journal.shipping import ship_waiting
    from audit.journal.standing import find_standing
    from audit.privileges import owner_alias
    from micic_portal.backup import programs
    from micic_portal.backup.making import make_backup
    from micic_portal.backup.restoring import restore_backup
    from registrations.models import Person

    folder = Path(settings.VAR_DIR) / "restoring"
    folder.mkdir(parents=True, exist_ok=True)
    dump, backup = folder / "bare.dump", folder / "portal.age"
    for path in (dump, backup):
        path.unlink(missing_ok=True)
    by = Actor.system("benchmark")
    find_standing()
    connection = connections[owner_alias()]
    server = programs.server_major(connection)
    people = Person.objects.count()
    seconds: dict[str, float] = {}
    identity = pyrage.x25519.Identity.generate()

    def bare(name: str, *options: str) -> None:
        program = programs.program(name, server=server, state=settings.VAR_DIR)
        command = [str(program), *options, f"--dbname={programs.address(connection)}"]
        subprocess.run(command, env=programs.environment(connection), check=True)

    dumping = ("--format=custom", "--compress=1", "--no-owner", "--no-privileges")
    restoring = ("--single-transaction", "--no-owner", "--no-privileges")
    seconds["pg_dump"] = _timed(lambda: bare("pg_dump", *dumping, f"--file={dump}"))
    seconds["backup"] = _timed(
        lambda: make_backup(
            backup, recipients=[identity.to_public()], by=by, progress=lambda size: None
        )
    )
    # Only the lines: the people are to be there still when the backup is back.
    with transaction.atomic():
        for person_id in Person.objects.order_by("pk").values_list("pk", flat=True)[:erased]:
            journal("person.erased", person_id=person_id, code="rights")
    seconds["ship"] = _timed(ship_waiting)
    with _empty_database():
        seconds["pg_restore"] = _timed(lambda: bare("pg_restore", *restoring, str(dump)))
    with _empty_database():
        seconds["restore"] = _timed(
            lambda: restore_backup(backup, identities=[identity], progress=lambda size: None)
        )
        closed = find_standing().closed
        seconds["replay"] = _timed(lambda: replay_journal(by=by, progress=lambda size: None))
        left = Person.objects.count()
        is_open = find_standing().is_open
    if not closed or not is_open or left != people - erased:
        raise SystemExit("error: the restored database is not as it must be")
    return {
        "people": people,
        "erased": erased,
        "seconds": {name: round(took, 2) for name, took in seconds.items()},
        "bytes": {"pg_dump": dump.stat().st_size, "backup": backup.stat().st_size},
    }


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


@contextmanager
def _empty_database() -> Iterator[None]:
    """Every connection leads to an empty database of the same server in here."""
    import psycopg2
    from django.db import connections

    first = connections["default"].settings_dict
    former = first["NAME"]
    name = f"{former}_restored"
    power = psycopg2.connect(
        dbname="postgres", user="postgres", host=first["HOST"], port=first["PORT"] or None
    )
    power.autocommit = True
    owners = {alias: connections[alias].settings_dict["USER"] for alias in connections}
    owner = owners.get("owner", owners["default"])
    with power.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
    try:
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        yield
    finally:
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = former
        with power.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        power.close()


def _table(figures: dict[str, Any]) -> list[Any]:
    from benchmarks.results import Line

    took = figures["seconds"]
    each = 1000 * took["replay"] / max(figures["erased"], 1)
    return [
        Line("people", f"{figures['people']:,}"),
        Line("bare pg_dump", f"{took['pg_dump']:.2f} s"),
        Line("backup", f"{took['backup']:.2f} s"),
        Line("bare pg_restore", f"{took['pg_restore']:.2f} s"),
        Line("restore", f"{took['restore']:.2f} s"),
        Line(f"replay of {figures['erased']:,} erasures", f"{took['replay']:.2f} s"),
        Line("one erasure replayed", f"{each:.1f} ms"),
        Line("lines shipped", f"{took['ship']:.2f} s"),
    ]


if __name__ == "__main__":
    main()
