"""`make bench-queue`: what ten million finished deliveries cost the next notice.

The same notice's rows are claimed, begun and written back, without anything being sent: in an
empty table, and beside the finished ones. Everything runs on this machine: the embedded servers
in VAR_DIR, durable as in the demo.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.setting_up import PROJECT, set_up


def main() -> None:
    arguments = _arguments()
    set_up(as_owner=True)
    _run(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--finished", type=int, default=10_000_000)
    parser.add_argument("--due", type=int, default=20_000, help="rows of the notice that is sent")
    parser.add_argument("--runs", type=int, default=3, help="of each, the median counts")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> None:
    from django.core.management import call_command

    from benchmarks import queueing, results

    machine = results.machine()
    print("· Tables", flush=True)
    call_command("migrate", verbosity=0)
    figures = queueing.measure(
        finished=arguments.finished,
        due=arguments.due,
        runs=arguments.runs,
        say=lambda line: print(f"· {line}", flush=True),
    )
    figures |= {
        "cores": machine["cores"],
        "machine": machine,
        "versions": results.versions(),
        "runs": arguments.runs,
    }
    results.print_table("A notice beside finished ones", queueing.table(figures))
    print(f"\n{results.write('queue', figures, arguments.results)}")


if __name__ == "__main__":
    main()
