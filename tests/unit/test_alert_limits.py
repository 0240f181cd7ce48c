"""Two seconds and 200 MB, for the worst XML that anyone thought of: read or refused, never more."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

from tests.factories.alerts import FACTS, REAL, SQUARE, cap, polygon
from tests.unit.test_edxl_files import carrying, edxl
from tests.unit.test_gdacs_files import feed, item

ROOT = Path(__file__).parent.parent.parent


def _area(inside: str) -> bytes:
    return cap(area=f"<area><areaDesc>A</areaDesc>{inside}</area>")


def _round(points: int, spike: float = 0.0) -> bytes:
    step = 2 * math.pi / points
    return cap(
        area=polygon(
            " ".join(
                f"{10 + (5 + spike * (n % 2)) * math.sin(n * step):.6f},"
                f"{20 + (5 + spike * (n % 2)) * math.cos(n * step):.6f}"
                for n in range(points)
            )
        )
    )


def _scrawl() -> bytes:
    chance = random.Random(7)
    pairs = ((chance.uniform(-80, 80), chance.uniform(-89, 89)) for _ in range(99_000))
    return cap(area=polygon(" ".join(f"{north:.3f},{east:.3f}" for north, east in pairs)))


def _bomb() -> bytes:
    lines = ['<!ENTITY a0 "lol">'] + [
        f'<!ENTITY a{n} "{"".join(f"&a{n - 1};" for _ in range(10))}">' for n in range(1, 10)
    ]
    head = f'<?xml version="1.0"?><!DOCTYPE alert [{"".join(lines)}]>'
    return cap(head=head, replace=("Flood", "&a9;"))


def _alert(extra: str) -> bytes:
    return cap(extra=extra)


READ = {
    "99,000 points": _round(99_000),
    "600 circles": _area("".join(f"<circle>{n % 80},{n % 170} 90</circle>" for n in range(600))),
    "600 polygons": _area(
        "".join(
            f"<polygon>{n % 80},{n % 170} {n % 80},{n % 170 + 9} {n % 80 + 9},{n % 170}</polygon>"
            for n in range(600)
        )
    ),
    "2,000 codes": _area(
        "".join(
            f"<geocode><valueName>UGC</valueName><value>{n}</value></geocode>" for n in range(2_000)
        )
    ),
    "49,000 elements": _alert("<a/>" * 49_000),
    "90,000 prefixes": _alert("<a " + " ".join(f'xmlns:b{n}="u{n}"' for n in range(90_000)) + "/>"),
    "12,000 areas without a name": cap(area="<area><circle>1,1 1</circle></area>" * 12_000),
    "49,000 empty texts of one language": cap(
        info=f"<info>{FACTS}{polygon(SQUARE)}</info>" + "<info/>" * 49_000
    ),
    "a long text": cap(area=f"<description>{'x ' * 900_000}</description>{polygon(SQUARE)}"),
    "270,000 instructions": _alert("<?a b?>" * 270_000),
    "270,000 comments": _alert("<!---->" * 270_000),
    "75,000 references": _alert("<references>" + "a,b,2020-01-01Z " * 75_000 + "</references>"),
    "500 events": feed(*[item(places="<gdacs:bbox>1 9 2 9</gdacs:bbox>")] * 500),
    "40,000 rectangles": feed(item(places="<gdacs:bbox>1 2 3 4</gdacs:bbox>" * 40_000)),
    "a day of GDACS": (REAL / "gdacs-rss-24h.xml").read_bytes(),
    "500 alerts in one envelope": edxl(carrying(*[cap()] * 500)),
}
REFUSED = {
    "entities that grow": _bomb(),
    "480,000 elements": _alert("<a/>" * 480_000),
    "a tower": _alert("<a>" * 100_000 + "</a>" * 100_000),
    "190,000 attributes": _alert("<a " + " ".join(f'b{n}=""' for n in range(190_000)) + "/>"),
    "one namespace of a megabyte, spelled out 40,000 times": _alert(
        f"<a xmlns:p='{'u' * 1_000_000}'>{'<p:b/>' * 40_000}</a>"
    ),
    "180,000 attributes in a namespace": _alert(
        f"<a xmlns:p='{'u' * 190}' " + " ".join(f'p:b{n}=""' for n in range(150_000)) + "/>"
    ),
    "a scrawl": _scrawl(),
    "a star of 99,000 spikes": _round(99_000, spike=3.0),
    "two million commas": cap(area=polygon("," * 1_900_000)),
    "a number of two million digits": cap(area=polygon("1" * 1_900_000 + ",1")),
    "a number of character references": cap(area=polygon("&#49;" * 380_000)),
    "300,000 names of countries": feed(
        *[item(places=f"<gdacs:country>{','.join(f'a{n}' for n in range(300))}</gdacs:country>")]
        * 400
    ),
    "a target area for each of 490 alerts": edxl(
        carrying(*[cap()] * 490), target="<circle>1,2 30</circle>" * 400
    ),
    "49,000 contents that are no alert": edxl(
        "<contentObject>" + "<embeddedXMLContent>" * 30 + "<a/>" * 49_000
        + "</embeddedXMLContent>" * 30 + "</contentObject>"
    ),
    "24,000 links": ("<feed>" + "<entry><title>t</title></entry>" * 24_000 + "</feed>").encode(),
    "1,900 languages": cap(
        info="".join(
            f"<info>{FACTS.replace('en-US', f'x{n}')}{polygon(f'1,1 1,2 2,2.{n:04}')}</info>"
            for n in range(1_900)
        )
    ),
    "almost two megabytes of zeros": b"<alert>" + b"\x00" * 2_000_000,
}  # fmt: skip


def test_the_worst_files_take_neither_long_nor_much(tmp_path):
    paths = []
    for name, data in (READ | REFUSED).items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)
    command = [sys.executable, "-m", "tests.limited_reading", *map(str, paths)]
    settings = os.environ | {"DJANGO_SETTINGS_MODULE": "micic_portal.settings"}
    done = subprocess.run(
        command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True, timeout=300
    )
    found = {name: (how, said) for name, how, said in map(json.loads, done.stdout.splitlines())}
    wrong = {
        name: found.get(name)
        for how, names in (("read", READ), ("refused", REFUSED))
        for name in names
        if found.get(name, ("",))[0] != how
    }
    assert not wrong
    assert all("line " in found[name][1] for name in REFUSED)
