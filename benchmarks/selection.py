"""`make bench-selection`: the people of an area, beside PostGIS in the same PostgreSQL.

Everything runs on this machine: Debian's PostgreSQL 15 with PostGIS, in a cluster of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent


def main() -> None:
    arguments = _arguments()
    from benchmarks.debian import DebianPostgres, Unavailable, require_postgis
    from micic_portal.embedded.provide import provide

    os.environ["DJANGO_SETTINGS_MODULE"] = "micic_portal.settings"
    os.environ.setdefault("PORTAL_MODE", "demo")
    os.environ.setdefault("VAR_DIR", str(PROJECT / "var/benchmark"))
    state = Path(os.environ["VAR_DIR"])
    server = DebianPostgres(state)
    os.environ["DATABASE_URL"] = server.url
    # One role owns the tables and asks, as the peer's does.
    os.environ.pop("DATABASE_OWNER_URL", None)
    try:
        require_postgis()
        # A broker, for the cache. It empties a folder that another checkout has left: so first.
        provide(state)
        with server.running():
            _run(arguments)
    except Unavailable as error:
        sys.exit(f"error: {error}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stays", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=7, help="of each side and area, in turn")
    parser.add_argument("--results", type=Path, default=PROJECT / "benchmarks/results")
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import postgis, results, selecting
    from benchmarks.areas import grounds, window
    from benchmarks.growing import build_small, measure_growth
    from benchmarks.population import fill

    machine = results.machine()
    print("· Tables and places", flush=True)
    call_command("prepare_database", verbosity=0)
    print(f"· {arguments.stays:,} stays on the cities of the world", flush=True)
    fill(arguments.stays)
    print("· The same stays in PostGIS, and the towns' discs", flush=True)
    postgis.build()
    measured, days = grounds(), window()
    areas = selecting.measure(
        measured, days, runs=arguments.runs, say=lambda line: print(f"· {line}", flush=True)
    )
    figures: dict[str, Any] = {"areas": areas} | selecting.summary(areas)
    cities = [ground for ground in measured if ground.is_metropolitan]
    print("· A tenth of the rows with the same people around the three cities", flush=True)
    small = build_small(arguments.stays // 10, cities)
    figures["growth"] = measure_growth(cities, days, small_stays=small)
    figures |= {
        "cores": machine["cores"],
        "machine": machine,
        "versions": results.versions() | {"PostGIS": postgis.version()},
        "rows": selecting.rows(),
        "runs": arguments.runs,
        "window": [moment.isoformat() for moment in days],
    }
    results.print_table("People of an area, beside PostGIS (warm / cold)", selecting.table(figures))
    print(f"\n{results.write('selection', figures, arguments.results)}")


if __name__ == "__main__":
    main()
