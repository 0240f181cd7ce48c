"""Reads alert files, each in a process that may take two seconds more and 200 MB more.

`python -m tests.limited_reading FILE...` writes one line of JSON for each: its name, what became
of it ("read", "refused", "crashed", "killed") and the message.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
from pathlib import Path

import django

SECONDS = 2
MEMORY = 200 * 1024 * 1024


def limit() -> None:
    """Whole seconds are all that the system counts: up to one more is let through."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    room = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def outcome(path: Path) -> tuple[str, str]:
    from crises.alert_files import AlertFileError, read_file

    data = path.read_bytes()
    limit()
    try:
        read = read_file(data, name=path.name)
        for alert in read.alerts:
            if alert.has_shape:
                alert.area()
    except AlertFileError as error:
        return "refused", error.message
    except BaseException as error:
        return "crashed", repr(error)[:500]
    return "read", f"{len(read.alerts)} alerts"


def main(paths: list[str]) -> None:
    django.setup()
    for path in map(Path, paths):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            how, message = outcome(path)
            sys.stdout.write(json.dumps([path.name, how, message]) + "\n")
            sys.stdout.flush()
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        if status:
            sys.stdout.write(json.dumps([path.name, "killed", f"status {status}"]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
