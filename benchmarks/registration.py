"""`make bench-registration`: how many people a minute can register, beside a bare Django view.

Everything runs on this machine: embedded servers in VAR_DIR, the web server as the demo starts
it, a worker that sends the codes, sinks that receive them, and the visitors.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from pathlib import Path

from benchmarks.setting_up import PROJECT, set_up


def main() -> None:
    arguments = _arguments()
    set_up(TRUSTED_PROXIES="1")
    _run(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000, help="registered before the run")
    parser.add_argument("--visitors", type=int, default=24, help="at work at once")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="of each round")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks import results
    from benchmarks.bare.models import Row
    from benchmarks.cpu import server_processes
    from benchmarks.registering import Plan, measure, table
    from benchmarks.travellers import Town, WrongTurn
    from geography.models import Place
    from micic_portal.demo.processes import DemoProcesses, ProcessFailed
    from micic_portal.demo.registering import ensure_population
    from registrations.models import Person, Stay

    machine = results.machine()
    print("· Tables, places and static files", flush=True)
    call_command("prepare_database", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    print(f"· {arguments.people:,} people who are registered already", flush=True)
    ensure_population(arguments.people)
    before = Person.objects.count()
    towns = [
        Town(place.pk, place.name, place.country)
        for place in Place.objects.filter(population__gte=1_000_000).order_by("pk")[:200]
    ]
    plan = Plan(
        visitors=arguments.visitors,
        rounds=arguments.rounds,
        portal_seconds=arguments.seconds,
        bare_seconds=arguments.seconds * 0.4,
        latency_seconds=arguments.seconds * 2,
    )
    try:
        with DemoProcesses(port=free_port(), folder=settings.VAR_DIR / "run") as processes:
            processes.start_all()
            parts = {name: each.pid for name, each in processes.running.items()}
            measured = asyncio.run(
                measure(
                    plan,
                    base=processes.url,
                    sinks=processes.sinks["DEMO_SINKS_URL"],
                    towns=towns,
                    processes=parts | server_processes() | {"visitors": os.getpid()},
                    say=lambda line: print(f"· {line}", flush=True),
                )
            )
    except* (ProcessFailed, WrongTurn) as failures:
        sys.exit(f"error: {failures.exceptions[0]}")
    after = Person.objects.count()
    if after - before != measured.completed:
        sys.exit(f"error: {measured.completed} registered, and {after - before} people are there")
    figures = measured.figures()
    figures |= {
        "cores": machine["cores"],
        "machine": machine,
        "versions": results.versions(),
        "rows": {
            "people_before": before,
            "people_after": after,
            "stays": Stay.objects.count(),
            "bare": Row.objects.count(),
        },
        "visitors": plan.visitors,
        "rounds": plan.rounds,
        "seconds": plan.portal_seconds,
    }
    results.print_table("Registrations through the web form, and a bare view", table(figures))
    print(f"\n{results.write('registration', figures, arguments.results)}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
