"""`make bench-dispatch`: a notice to 100,000 people, beside three other ways to send as many.

Everything runs on this machine: embedded servers in VAR_DIR, durable as in the demo, a worker and
a scheduler as the demo starts them, the sinks that receive, and the peers in turn.
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
    provide_servers()
    print("· Tables and places", flush=True)
    subprocess.run(
        [sys.executable, "manage.py", "prepare_database", "--verbosity", "0"],
        cwd=PROJECT,
        check=True,
    )
    # The population goes in as the tables' owner, without triggers; the portal serves as its role.
    serving = os.environ["DATABASE_URL"]
    owner = os.environ.pop("DATABASE_OWNER_URL", serving)
    os.environ["DATABASE_URL"] = owner
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    os.environ["DATABASE_URL"] = serving
    _run(arguments, owner)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="who get a notice in each run")
    parser.add_argument("--runs", type=int, default=3, help="of each side, in turn")
    parser.add_argument("--peers", type=int, default=10_000, help="messages of the slower peers")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def _run(arguments: argparse.Namespace, owner: str) -> None:
    from django.conf import settings

    from benchmarks import results
    from benchmarks.areas import grounds
    from benchmarks.cpu import server_processes
    from benchmarks.dispatching import Arrivals, Plan, measure, schema_for_peers, table
    from benchmarks.freezes import officers, open_crisis
    from benchmarks.population import fill
    from benchmarks.recipients import seal_recipients
    from benchmarks.registration import free_port
    from micic_portal.demo.processes import DemoProcesses
    from micic_portal.demo.staff import ensure_demo_staff

    machine = results.machine()
    ensure_demo_staff()
    tokyo = next(ground for ground in grounds() if "Tokyo" in ground.name).area()
    stays = round(arguments.people * _STAYS_FOR_EACH) + 1000
    print(f"· {stays:,} stays, nine of ten around Tokyo", flush=True)
    rows = fill(stays, near=tokyo, share=0.9)
    print(f"· {arguments.people:,} sealed addresses", flush=True)
    seal_recipients(arguments.people, tokyo)
    plan = Plan(
        people=arguments.people,
        runs=arguments.runs,
        per_notice=3 * arguments.peers // 10,
        post_office=arguments.peers,
        post_office_tuned=arguments.peers,
        bare=3 * arguments.peers,
    )
    with DemoProcesses(port=free_port(), folder=settings.VAR_DIR / "run") as processes:
        processes.start_sinks()
        processes.start_worker("worker")
        processes.start_scheduler("benchmarks.hourless")
        _wait_for_worker()
        parts = {name: each.pid for name, each in processes.running.items()} | server_processes()
        figures = measure(
            plan,
            crisis=open_crisis(tokyo, by=officers()[0]),
            officers=officers(),
            arrivals=Arrivals(processes.sinks["DEMO_SINKS_URL"]),
            peers=processes.sinks | {"DATABASE_URL": schema_for_peers(owner)},
            processes=parts,
            say=lambda line: print(f"· {line}", flush=True),
        )
    figures |= {
        "cores": machine["cores"],
        "machine": machine,
        "versions": results.versions("django-post-office"),
        "rows": rows,
    }
    results.print_table("A notice to everybody, and three other ways", table(figures))
    print(f"\n{results.write('dispatch', figures, arguments.results)}")


def _wait_for_worker() -> None:
    from micic_portal.celery import app

    for _ in range(60):
        if app.control.ping(timeout=0.5):
            return
    sys.exit("error: the worker did not start")


if __name__ == "__main__":
    main()
