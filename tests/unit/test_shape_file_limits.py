"""No file takes more than two seconds or 200 MB: each is read in a process that may use no more."""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories.alerts import cap, polygon
from tests.factories.shapes import collection, contour, kml, kmz, placemark, round_ring

SECONDS = 2
MEGABYTES = 200
ROOT = Path(__file__).parent.parent.parent

# Everything is imported before, and each file read in a child of its own: what is measured is the
# reading, not Django.
READING = f"""
import os, resource, signal, sys
import django
django.setup()
from crises.alert_files import AlertFileError, read_file
read_file(b'{{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}').alerts[0].area()

def read(path):
    data = open(path, "rb").read()
    taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + {MEGABYTES} * 1024 * 1024,) * 2)
    signal.setitimer(signal.ITIMER_PROF, {SECONDS})  # seconds of the processor, not of the clock
    try:
        READ
    except AlertFileError as error:
        return "refused: " + error.message
    return f"read: {{sum(len(part.polygons) for alert in found.alerts for part in alert.parts)}}"

for path in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            print(read(path), flush=True)
        except BaseException as error:
            print(repr(error)[:200], flush=True)
        os._exit(0)
    _child, status = os.waitpid(child, 0)
    if status:
        print(f"ended by signal {{status}}", flush=True)
"""


def coast(points: int = 99_990) -> list[tuple[float, float]]:
    chance = random.Random(1)
    return [
        (20 + far * math.cos(angle), 10 + far * math.sin(angle))
        for angle in (2 * math.pi * step / points for step in range(points))
        for far in (5 + chance.uniform(0, 0.0001),)
    ]


def geojson(coordinates: str, kind: str = "Polygon") -> bytes:
    return f'{{"type":"{kind}","coordinates":{coordinates}}}'.encode()


def scrawl() -> str:
    chance = random.Random(2)
    points = [[chance.uniform(-80, 80), chance.uniform(-80, 80)] for _each in range(90_000)]
    return f"[{points}]"


def overlapping() -> bytes:
    chance = random.Random(3)
    rings = [round_ring(5, chance.uniform(0, 3), chance.uniform(0, 3), 48) for _n in range(1999)]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [one]}}
        for one in rings
    ]
    return collection(*features)


def kml_coast() -> bytes:
    return kml(placemark(" ".join(f"{lon:.14f},{lat:.14f},0" for lon, lat in coast())))


READ: dict[str, Callable[[], bytes]] = {
    "a coast of 100,000 points": lambda: geojson(f"[{[list(point) for point in coast()]}]"),
    "the same in KML": kml_coast,
    "the same in KMZ": lambda: kmz(("doc.kml", kml_coast())),
    "4,999 islands": lambda: geojson(
        str([[round_ring(0.1, n % 100, n // 100, 15)] for n in range(4999)]), "MultiPolygon"
    ),
    "1,999 shapes over one another": overlapping,
    "a ShakeMap of 99,000 points": lambda: collection(
        *(contour(4 + step / 2, round_ring(10 - step, corners=9_890)) for step in range(10))
    ),
    "CAP with a long run of spaces": lambda: cap(
        area=polygon("10,20" + " " * 1_900_000 + "10,21 11,21 10,20")
    ),
    "900,000 short strings": lambda: (
        '{"type":"Feature","x":["' + '","'.join(["abc"] * 900_000) + '"]}'
    ).encode(),
}
REFUSED: dict[str, Callable[[], bytes]] = {
    "a scrawl": lambda: geojson(scrawl()),
    "a star of spikes": lambda: geojson(
        str([[[(5 + n % 2) * f(n / 9000) for f in (math.cos, math.sin)] for n in range(60_000)]])
    ),
    "a million features": lambda: collection(*[{}] * 1_000_000),
    "objects within the limit of brackets": lambda: (
        '{"type":"x","x":[' + ",".join(['{"":0}'] * 390_000) + "]}"
    ).encode(),
    "a tower": lambda: b'{"a":' + b"[" * 6_000_000,
    "lists of nothing": lambda: b'{"type":"x","a":[' + b",".join([b"[]"] * 390_000) + b"]}",
    "circles about 100,000 points": lambda: (
        '{"type":"Feature","properties":{"radius_km":500},"geometry":{"type":"MultiPoint",'
        f'"coordinates":{[list(point) for point in coast()]}}}}}'
    ).encode(),
    "wide characters": lambda: ('{"type":"' + "\U0001f30a" * 1_500_000 + '"}').encode(),
    "KML of commas": lambda: kml(placemark("," * 6_000_000)),
    "KML of spaces": lambda: kml(placemark("1 , 1" + " " * 6_000_000 + "2,2")),
    "KML of elements": lambda: kml("<a/>" * 1_400_000),
    "a bomb": lambda: kmz(("doc.kml", b" " * 200_000_000)),
    "a zip of a bomb's size": lambda: kmz(("doc.kml", kml_coast() + b" " * 3_000_000)),
}


def read_each(files: list[Path], reading: str = "found = read_file(data)") -> list[str]:
    """A line for each file: what became of it."""
    ended = subprocess.run(
        [sys.executable, "-c", READING.replace("READ\n", f"{reading}\n"), *map(str, files)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.splitlines()


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("files")
    files = []
    for number, write in enumerate([*READ.values(), *REFUSED.values()]):
        files.append(folder / str(number))
        files[-1].write_bytes(write())
    return dict(zip([*READ, *REFUSED], read_each(files), strict=True))


@pytest.mark.parametrize("name", READ)
def test_large_and_honest(name, results):
    assert results[name].startswith("read:")


@pytest.mark.parametrize("name", REFUSED)
def test_hostile(name, results):
    assert results[name].startswith("refused:")


def test_the_limits_bite():
    """Reading that goes beyond them does end."""
    files = [Path(os.devnull)]
    assert read_each(files, "[bytes(10**6) for _n in range(250)]") == ["MemoryError()"]
    assert read_each(files, "while True: pass") == [f"ended by signal {signal.SIGPROF:d}"]
