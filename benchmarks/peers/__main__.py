"""python -m benchmarks.peers PEER COUNT prints the seconds it took."""

from __future__ import annotations

import argparse
import os
from importlib import import_module

PEERS = ("per_notice", "post_office", "post_office_tuned", "bare")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=["tables", *PEERS])
    parser.add_argument("count", type=int, nargs="?", default=0)
    wanted = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peers.settings"

    import django
    from django.core.management import call_command

    django.setup()
    if wanted.peer == "tables":
        call_command("migrate", run_syncdb=True, verbosity=0)
    else:
        print(import_module(f"benchmarks.peers.{wanted.peer}").measure(wanted.count))


if __name__ == "__main__":
    main()
