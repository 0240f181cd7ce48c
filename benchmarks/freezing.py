"""`make bench-freeze`: an approved notice becomes deliveries, beside the bare INSERT of its rows.

Everything runs on this machine: the embedded servers in VAR_DIR, durable as in the demo.
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
    parser.add_argument("--recipients", type=int, default=100_000, help="about so many")
    parser.add_argument("--runs", type=int, default=7, help="of each side, in turn")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> None:
    from django.core.management import call_command

    from benchmarks import freezes, results
    from benchmarks.areas import grounds
    from benchmarks.population import fill
    from micic_portal.demo.staff import ensure_demo_staff

    machine = results.machine()
    print("· Tables and places", flush=True)
    call_command("prepare_database", verbosity=0)
    ensure_demo_staff()
    tokyo = next(ground for ground in grounds() if "Tokyo" in ground.name).area()
    stays = round(arguments.recipients * freezes.STAYS_FOR_EACH)
    print(f"· {stays:,} stays, nine of ten around Tokyo", flush=True)
    rows = fill(stays, near=tokyo, share=0.9)
    figures = freezes.measure(
        tokyo, runs=arguments.runs, say=lambda line: print(f"· {line}", flush=True)
    )
    figures |= {
        "cores": machine["cores"],
        "machine": machine,
        "versions": results.versions(),
        "rows": rows,
        "runs": arguments.runs,
    }
    results.print_table("An approved notice becomes deliveries", freezes.table(figures))
    print(f"\n{results.write('freeze', figures, arguments.results)}")


if __name__ == "__main__":
    main()
