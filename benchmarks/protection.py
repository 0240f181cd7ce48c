"""`make bench-protection`: rotating every key over 20,000 people while visitors register and save.

Everything runs on this machine: embedded servers in VAR_DIR, the web server as the demo starts it,
a worker that sends the codes, sinks that receive them, the visitors and the commands.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from benchmarks.setting_up import PROJECT, set_up


def main() -> None:
    arguments = _arguments()
    set_up(TRUSTED_PROXIES="1")
    _run(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000, help="registered before the run")
    parser.add_argument("--rate", type=float, default=2, help="registrations begun in a second")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks import results
    from benchmarks.registration import free_port
    from benchmarks.rotating import Rings, rotate_under_load, table
    from benchmarks.travellers import WrongTurn
    from micic_portal.demo.processes import DemoProcesses, ProcessFailed
    from micic_portal.demo.registering import ensure_population
    from registrations.models import Person

    machine = results.machine()
    rings = Rings.generate()
    rings.use_former()
    print("· Tables, places and static files", flush=True)
    call_command("prepare_database", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    print(f"· {arguments.people:,} people registered under the former keys", flush=True)
    ensure_population(arguments.people)
    before = Person.objects.count()
    rings.use_both()
    try:
        with DemoProcesses(port=free_port(), folder=settings.VAR_DIR / "run") as processes:
            processes.start_all()
            figures: dict[str, Any] = asyncio.run(
                rotate_under_load(
                    rings,
                    base=processes.url,
                    sinks=processes.sinks["DEMO_SINKS_URL"],
                    per_second=arguments.rate,
                    say=lambda line: print(f"· {line}", flush=True),
                )
            )
    except* (ProcessFailed, WrongTurn) as failures:
        sys.exit(f"error: {failures.exceptions[0]}")
    figures["rotation"] |= {"people_before": before, "people_after": Person.objects.count()}
    figures |= {
        "cores": machine["cores"],
        "machine": machine,
        "versions": results.versions(),
        "registrations_begun_per_s": arguments.rate,
    }
    results.print_table("Rotating every key while visitors register", table(figures["rotation"]))
    print(f"\n{results.write('protection', figures, arguments.results)}")


if __name__ == "__main__":
    main()
