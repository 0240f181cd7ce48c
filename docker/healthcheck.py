"""Whether this container's process works: `healthcheck.py web|worker|scheduler`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SCHEDULE = Path("/tmp/schedule")  # noqa: S108  # nosec B108  # the container's own
_STALE_SECONDS = 600  # the scheduler writes its schedule every three minutes


def web() -> bool:
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip()
    request = urllib.request.Request("http://127.0.0.1:8000/health/", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310  # nosec B310
        return bool(answer.status == 200)


def worker() -> bool:
    command = ["celery", "-A", "micic_portal", "inspect", "ping", "--timeout", "8",
               "--destination", f"worker@{socket.gethostname()}"]  # fmt: skip
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def scheduler() -> bool:
    written = max((path.stat().st_mtime for path in SCHEDULE.parent.glob("schedule*")), default=0)
    return time.time() - written < _STALE_SECONDS


if __name__ == "__main__":
    checks = {"web": web, "worker": worker, "scheduler": scheduler}
    try:
        sys.exit(0 if checks[sys.argv[1]]() else 1)
    except OSError as error:
        sys.exit(f"unhealthy: {error}")
