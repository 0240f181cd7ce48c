"""The embedded broker: Valkey on a Unix socket, in memory only, since rows are the queue."""

from __future__ import annotations

import os
import time
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from micic_portal.embedded.folders import EmbeddedServerError, Folders
from micic_portal.embedded.programs import broker_program

_START_SECONDS = 20


class Broker:
    """Valkey from the wheel, speaking Redis' protocol."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._socket = folders.sockets / "broker.sock"

    def environment(self) -> dict[str, str]:
        """The variable that the settings read, in the form that Celery wants."""
        return {"REDIS_URL": f"redis+socket://{quote(str(self._socket))}?virtual_host=0"}

    def is_running(self) -> bool:
        with self._client() as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def start(self) -> None:
        if self.is_running():
            return
        done = self._folders.account.run(
            [broker_program(self._folders), "--port", "0", "--unixsocket", self._socket,
             "--unixsocketperm", "700", "--dir", self._folders.broker, "--databases", "1024",
             "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction",
             "--logfile", self._folders.broker / "server.log", "--daemonize", "yes"],
            cwd=self._folders.broker,
        )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_running():
            if done.returncode != 0 or time.monotonic() > deadline:
                log = self._folders.broker / "server.log"
                raise EmbeddedServerError(
                    f"The embedded broker did not start (see {log}): {done.stdout.strip()}"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        with self._client() as client:
            try:
                client.shutdown(nosave=True)
            except redis.ConnectionError:
                return

    def _client(self) -> redis.Redis:
        # No retry: a broker that is not there is an answer here, not a fault to wait out.
        return redis.Redis(
            unix_socket_path=os.fspath(self._socket), socket_timeout=5, retry=Retry(NoBackoff(), 0)
        )
