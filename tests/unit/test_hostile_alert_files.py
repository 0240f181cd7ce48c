"""Alert files that mean harm or are broken, and every encoding that real ones come in."""

from __future__ import annotations

import contextlib
import math
import random
import time
import tracemalloc

import pytest

from crises.alert_files import AlertFileError, read_alert
from tests.factories.alerts import REAL, cap, polygon


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "empty"),
            (b"   \n", "empty"),
            (b"not xml", "well-formed"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "well-formed"),
            (b"PK\x03\x04" + b"\x00" * 200, "well-formed"),
            (b'{"type": "FeatureCollection"}', "well-formed"),
            (b"<alert><info></alert>", "well-formed"),
            (cap()[:-30], "well-formed"),
            (b"<rss version='2.0'><channel/></rss>", "list of alerts"),
            (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "list of alerts"),
            (b"<html><body/></html>", "not a CAP alert"),
            (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
            (b"\x00" * 100, "well-formed"),
        ],
    )
    def test_what_is_no_alert(self, data, words):
        with pytest.raises(AlertFileError, match=words):
            read_alert(data)

    def test_an_entity_bomb(self):
        lines = ['<!ENTITY a0 "lol">'] + [
            f'<!ENTITY a{n} "{"".join(f"&a{n - 1};" for _ in range(10))}">' for n in range(1, 10)
        ]
        head = f'<?xml version="1.0"?><!DOCTYPE alert [{"".join(lines)}]>'
        with pytest.raises(AlertFileError, match="DTD"):
            read_alert(cap(head=head, replace=("Flood", "&a9;")))

    @pytest.mark.parametrize(
        "head",
        [
            '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE alert SYSTEM "http://127.0.0.1:1/x.dtd">',
            "<!DOCTYPE alert>",
        ],
    )
    def test_outside_entities_and_dtds(self, head):
        with pytest.raises(AlertFileError, match="DTD"):
            read_alert(cap(head=f'<?xml version="1.0"?>{head}'))

    def test_a_tower_of_elements(self):
        with pytest.raises(AlertFileError, match="more elements"):
            read_alert(cap(extra="<a>" * 100_000 + "</a>" * 100_000))

    def test_a_flood_of_elements_uses_little_memory(self):
        data = cap(extra="<a/>" * 400_000)
        tracemalloc.start()
        with pytest.raises(AlertFileError, match="more elements"):
            read_alert(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 60 * 1024 * 1024

    def test_a_scrawl_of_100000_points_ends_soon(self):
        chance = random.Random(7)
        points = " ".join(
            f"{chance.uniform(-80, 80):.3f},{chance.uniform(-89, 89):.3f}" for _ in range(99_000)
        )
        began = time.process_time()
        with pytest.raises(AlertFileError, match="too many places"):
            read_alert(cap(area=polygon(points)))
        assert (
            time.process_time() - began < 5
        )  # it must not take minutes; the exact time is not tested

    def test_a_star_of_65000_spikes_ends_soon(self):
        spikes = " ".join(
            f"{10 + (5 + 3 * (n % 2)) * math.sin(n * math.pi / 49_500):.9f},"
            f"{20 + (5 + 3 * (n % 2)) * math.cos(n * math.pi / 49_500):.9f}"
            for n in range(65_000)
        )
        began = time.process_time()
        with pytest.raises(AlertFileError, match="too many places"):
            read_alert(cap(area=polygon(spikes)))
        assert time.process_time() - began < 20

    def test_a_long_comb_that_crosses_itself_is_repaired(self):
        teeth = " ".join(f"{1 if n % 2 else -1},{n / 1000:.3f}" for n in range(20_000))
        alert = read_alert(cap(area=polygon(f"{teeth} 0,20 0,0")))
        assert alert.has_shape


class TestEncodings:
    WORD = "Inundación"

    def text(self, encoding: str) -> str:
        head = f'<?xml version="1.0" encoding="{encoding}"?>'
        return cap(head=head, replace=("Flood", self.WORD)).decode()

    @pytest.mark.parametrize(
        ("declared", "actual", "warns"),
        [
            ("UTF-8", "utf-8", False),
            ("UTF-8", "utf-8-sig", False),
            ("ISO-8859-1", "latin-1", False),
            ("windows-1252", "cp1252", False),
            ("UTF-16", "utf-16", False),
            ("UTF-8", "utf-16", False),
            ("UTF-8", "utf-32", False),
            ("UTF-8", "latin-1", True),
            ("ISO-8859-1", "utf-8", True),
            ("ISO-8859-1", "utf-8-sig", False),
            ("EBCDIC-42", "utf-8", True),
            ("zip", "utf-8", True),
        ],
    )
    def test_declared_and_actual(self, declared, actual, warns):
        alert = read_alert(self.text(declared).encode(actual))
        assert alert.event == self.WORD
        assert bool(alert.warnings) == warns

    def test_a_mark_that_lies(self):
        with pytest.raises(AlertFileError, match="cannot be read"):
            read_alert(b"\xef\xbb\xbf" + self.text("UTF-8").encode("latin-1"))

    def test_any_bytes_give_a_message_or_an_alert(self):
        chance = random.Random(3)
        good = bytearray((REAL / "mexico.xml").read_bytes())
        for _round in range(300):
            data = bytearray(good)
            for _change in range(chance.randint(1, 20)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            end = chance.randint(1, len(data)) if _round % 3 == 0 else len(data)
            with contextlib.suppress(AlertFileError):
                read_alert(bytes(data[:end]))
