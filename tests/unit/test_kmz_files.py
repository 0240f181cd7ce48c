"""KMZ: the KML inside a zip file that may mean harm."""

from __future__ import annotations

import zipfile

import pytest

from crises.alert_files import AlertFileError, FileFormat, read_file
from crises.alert_files.archives import read_kmz
from tests.factories.shapes import kml, kmz, placemark

GOOD = kml(placemark("20,10 21,10 21,11 20,10", name="Good"))
OTHER = kml(placemark("1,1 2,1 2,2 1,1", name="Other"))


def name_of(data: bytes) -> str:
    return read_file(data).alerts[0].parts[0].name


class TestWhichFile:
    def test_the_first_one(self):
        found = read_file(kmz(("files/picture.png", b"x"), ("a.kml", GOOD), ("b.kml", OTHER)))
        assert found.format == FileFormat.KMZ
        assert found.alerts[0].parts[0].name == "Good"
        assert "1 more KML" in found.remarks[0]

    def test_doc_kml_before_others(self):
        assert name_of(kmz(("a.kml", OTHER), ("doc.kml", GOOD))) == "Good"

    @pytest.mark.parametrize(
        "name",
        ["../doc.kml", "/doc.kml", "a/../../doc.kml", "..\\doc.kml", "C:doc.kml", "__MACOSX/d.kml"],
    )
    def test_names_that_lead_out_are_passed_over(self, name):
        assert name_of(kmz((name, OTHER), ("z.kml", GOOD))) == "Good"

    def test_stored_without_compression(self):
        assert name_of(kmz(("doc.kml", GOOD), method=zipfile.ZIP_STORED)) == "Good"

    def test_nothing_is_written(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        read_file(kmz(("doc.kml", GOOD)))
        assert list(tmp_path.iterdir()) == []


class TestHostile:
    def test_no_kml_inside(self):
        with pytest.raises(AlertFileError, match="holds no KML"):
            read_file(kmz(("a.txt", b"x"), ("inner.kmz", kmz(("doc.kml", GOOD)))))

    def test_a_bomb_of_6_mb(self):
        bomb = GOOD + b" " * (5 * 1024 * 1024)
        with pytest.raises(AlertFileError, match=r"doc\.kml unpacks to far more"):
            read_file(kmz(("doc.kml", bomb)))

    def test_a_bomb_beyond_the_limit(self):
        with pytest.raises(AlertFileError, match=r"doc\.kml is larger than 6 MB"):
            read_file(kmz(("doc.kml", b" " * (7 * 1024 * 1024))))

    def test_a_bomb_that_lies_about_its_size(self):
        data = bytearray(kmz(("doc.kml", b" " * (7 * 1024 * 1024))))
        size = (7 * 1024 * 1024).to_bytes(4, "little")
        for _time in range(data.count(size)):
            at = data.index(size)
            data[at : at + 4] = (100).to_bytes(4, "little")
        with pytest.raises(AlertFileError):
            read_file(bytes(data))

    def test_many_large_files_beside_it(self):
        others = [(f"{number}.png", b"\0" * 6_000_000) for number in range(12)]
        with pytest.raises(AlertFileError, match="unpacks to more than 64 MB"):
            read_file(kmz(("doc.kml", GOOD), *others))

    def test_thousands_of_files(self):
        with pytest.raises(AlertFileError, match="more than 1000 files"):
            read_file(kmz(*[(f"{number}.txt", b"") for number in range(1001)], ("doc.kml", GOOD)))

    def test_an_encrypted_one(self):
        data = bytearray(kmz(("doc.kml", GOOD)))
        for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(mark) + flags] |= 1
        with pytest.raises(AlertFileError, match=r"doc\.kml is encrypted"):
            read_file(bytes(data))

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_other_ways_of_packing(self, method):
        with pytest.raises(AlertFileError, match="KMZ does not know"):
            read_file(kmz(("doc.kml", GOOD), method=method))

    def test_what_is_wrong_inside_names_the_file(self):
        with pytest.raises(AlertFileError, match=r"^doc\.kml: <Placemark> \(line 3\)"):
            read_file(kmz(("doc.kml", kml(placemark("x")))))

    def test_other_xml_inside(self):
        with pytest.raises(AlertFileError, match=r"doc\.kml: <alert> \(line 1\)"):
            read_file(kmz(("doc.kml", b"<alert/>")))

    @pytest.mark.parametrize("cut", [4, 30, 100, -1, -10, -22, -40])
    def test_cut_short(self, cut):
        with pytest.raises(AlertFileError, match="damaged"):
            read_kmz(kmz(("doc.kml", GOOD))[:cut])

    def test_a_byte_changed_in_the_middle(self):
        data = bytearray(kmz(("doc.kml", GOOD)))
        data[60] ^= 0xFF
        with pytest.raises(AlertFileError, match="damaged"):
            read_file(bytes(data))

    def test_more_than_6_mb(self):
        with pytest.raises(AlertFileError, match="larger than 6 MB"):
            read_file(kmz(("x", b"y" * 7_000_000), method=zipfile.ZIP_STORED))
