"""`make chaos`: a notice to 20,000 people while everything that it needs fails (docs/faults.md).

Everything runs on this machine: embedded servers in VAR_DIR, durable as in the demo, web, two
workers, a scheduler, and in a process of their own the sinks, whose counts say what was lost.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.setting_up import PROJECT, provide_servers

# People among whom that many are in the audience.
_STAYS_FOR_EACH = 4.5


def main() -> None:
    arguments = _arguments()
    state = Path(os.environ.get("VAR_DIR") or PROJECT / "var/chaos")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # Servers of its own: it empties them and stops them.
    provide_servers(VAR_DIR=str(state))
    print("· Tables and places", flush=True)
    subprocess.run(
        [sys.executable, "manage.py", "prepare_database", "--verbosity", "0"],
        cwd=PROJECT,
        check=True,
    )
    # The population goes in as the tables' owner, without triggers; the portal serves as its role.
    serving = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = os.environ.pop("DATABASE_OWNER_URL", serving)
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    os.environ["DATABASE_URL"] = serving
    sys.exit(0 if _run(arguments, state) else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000, help="who get the notice")
    parser.add_argument("--seed", type=int, default=0, help="of when what fails")
    parser.add_argument("--limit", type=int, default=240, help="seconds until it has to be over")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def _run(arguments: argparse.Namespace, state: Path) -> bool:
    """Whether every bound was kept."""
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks import results
    from benchmarks.areas import grounds
    from benchmarks.faults import DAY, Faults, play
    from benchmarks.freezes import officers, open_crisis, submitted_notice
    from benchmarks.losses import count, table
    from benchmarks.population import fill
    from benchmarks.recipients import seal_recipients
    from benchmarks.registration import free_port
    from benchmarks.twice import send_twice
    from micic_portal.demo.inbox import DemoSinks
    from micic_portal.demo.processes import DemoProcesses
    from micic_portal.demo.staff import ensure_demo_staff
    from micic_portal.embedded.folders import Folders
    from micic_portal.embedded.postgres import Postgres

    machine = results.machine()
    call_command("collectstatic", interactive=False, verbosity=0)
    ensure_demo_staff()
    tokyo = next(ground for ground in grounds() if "Tokyo" in ground.name).area()
    fill(round(arguments.people * _STAYS_FOR_EACH) + 1000, near=tokyo, share=0.9)
    seal_recipients(arguments.people, tokyo)
    notice = submitted_notice(open_crisis(tokyo, by=officers()[0]), officers()[0])
    with DemoProcesses(port=free_port(), folder=settings.VAR_DIR / "run") as processes:
        processes.start_all(workers=2)
        sinks = DemoSinks(processes.sinks["DEMO_SINKS_URL"])
        sinks.play(**DAY)
        print("· Send is clicked twice at once, and once more", flush=True)
        message = send_twice(notice, processes.url, officers()[1])
        faults = Faults(
            processes, Postgres(Folders.of(state), disposable=False), seed=arguments.seed
        )
        played = play(faults, message, limit=arguments.limit)
        processes.raise_if_ended()
        figures = count(message, sinks, played, people=arguments.people)
    figures |= {
        "people": arguments.people,
        "seed": arguments.seed,
        "cores": machine["cores"],
        "machine": machine,
        "versions": results.versions(),
    }
    lines = table(figures)
    results.print_table("A notice to everybody while everything fails", lines)
    print(f"\n{results.write('chaos', figures, arguments.results)}")
    return all(line.reached is not False for line in lines)


if __name__ == "__main__":
    main()
