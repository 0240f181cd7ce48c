"""The bare loop: claims 500 rows, sends 32 at a time with a fixed text, marks them as accepted."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier

import aiohttp
from django.db import connection, transaction

from benchmarks.peers import fixed
from benchmarks.peers.models import Notice

# As many as the engine has.
PROCESSES = 2
AT_A_TIME = 32
_CLAIM = """
UPDATE peers_notice SET state = 'sending', due_at = now() + interval '30 seconds'
WHERE id IN (
    SELECT id FROM peers_notice WHERE due_at <= now() ORDER BY due_at LIMIT 500
    FOR UPDATE SKIP LOCKED)
RETURNING id, number
"""
_DONE = "UPDATE peers_notice SET state = 'accepted', due_at = NULL WHERE id = ANY(%s)"


def measure(count: int, processes: int = PROCESSES) -> float:
    """Seconds until the last row is marked, the start of the processes not counted."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("TRUNCATE peers_notice")
        cursor.execute(
            "INSERT INTO peers_notice (number, state, due_at) "
            "SELECT number, 'queued', now() FROM generate_series(1, %s) AS number",
            [count],
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE peers_notice")
    connection.close()
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(processes + 1)
    loops = [context.Process(target=_loop, args=(ready,)) for _ in range(processes)]
    for loop in loops:
        loop.start()
    ready.wait()
    began = time.perf_counter()
    for loop in loops:
        loop.join()
    seconds = time.perf_counter() - began
    if Notice.objects.filter(state="accepted").count() != count:
        raise RuntimeError("the bare loop did not send every notice")
    return seconds


def _loop(ready: Barrier) -> None:
    connection.ensure_connection()
    ready.wait()
    with asyncio.Runner() as runner:
        session = runner.run(_open())
        while rows := _rows(_CLAIM):
            runner.run(_send_all(session, rows))
            _rows(_DONE, [row_id for row_id, _number in rows])
        runner.run(session.close())


async def _open() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_A_TIME))


async def _send_all(session: aiohttp.ClientSession, rows: list[tuple[int, int]]) -> None:
    left = iter(rows)
    await asyncio.gather(*(_send_some(session, left) for _ in range(AT_A_TIME)))


async def _send_some(session: aiohttp.ClientSession, rows: Iterator[tuple[int, int]]) -> None:
    for _row_id, number in rows:
        async with session.post(
            fixed.GATEWAY_URL, data=fixed.sms(number), headers=fixed.headers(number)
        ) as answer:
            answer.raise_for_status()
            await answer.read()


def _rows(sql: str, *parameters: list[int]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []
