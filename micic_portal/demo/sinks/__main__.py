"""python -m micic_portal.demo.sinks --smtp-port 0 --http-port 0 --folder FOLDER

Prints one line of JSON with the ports it found, and runs until it is ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from aiohttp import web

from micic_portal.demo.sinks.control import Sinks, application
from micic_portal.demo.sinks.mail import MailSink

_LOOPBACK = "127.0.0.1"


async def run(smtp_port: int, http_port: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    sinks = Sinks(folder)
    mail = await loop.create_server(
        lambda: MailSink(sinks.store, sinks.faults, sinks.injected),
        _LOOPBACK,
        smtp_port,
        backlog=512,
    )
    runner = web.AppRunner(application(sinks), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, _LOOPBACK, http_port, shutdown_timeout=0.2, backlog=512)
    await site.start()
    ports = {
        "smtp_port": mail.sockets[0].getsockname()[1],
        "http_port": runner.addresses[0][1],
    }
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await ended.wait()
    mail.close()
    await runner.cleanup()
    await sinks.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    wanted = parser.parse_args()
    asyncio.run(run(wanted.smtp_port, wanted.http_port, wanted.folder))


if __name__ == "__main__":
    main()
