"""KMZ: the KML inside a zip file, read in memory up to a limit and never written anywhere."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from django.utils.translation import gettext as _

from crises.alert_files import kml
from crises.alert_files.alert import ReadFile
from crises.alert_files.errors import AlertFileError
from crises.alert_files.formats import MAX_BYTES, FileFormat
from crises.alert_files.wording import clean

_MAX_ENTRIES = 1_000
_MAX_TOTAL_BYTES = 64 * 1024 * 1024
# KML shrinks to a tenth or a thirtieth; what shrinks far more was made to.
_MAX_RATIO = 200
_TOO_SMALL_TO_JUDGE = 64 * 1024
_ENTRY_MARK = b"PK\x01\x02"
# LZMA and bzip2 let a file say how much memory reading it takes, and the format has neither.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# What zipfile raises for bytes that only look like a zip file.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def read_kmz(data: bytes, *, language: str | None = None) -> ReadFile:
    """Read doc.kml, else the first KML in the archive. Other files in it are left alone.

    Raises AlertFileError, whose message names the file inside, the element and the line.
    """
    if len(data) > MAX_BYTES:
        raise AlertFileError(
            _("This file is larger than %(most)d MB. An alert file is much smaller.")
            % {"most": MAX_BYTES // (1024 * 1024)}
        )
    # Asked of the bytes, for the archive's own figure can say anything.
    if data.count(_ENTRY_MARK) > _MAX_ENTRIES:
        raise AlertFileError(
            _("This zip file holds more than %(most)d files. It was not read.")
            % {"most": _MAX_ENTRIES}
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry, others = _choose(archive)
            inside = _read(archive, entry)
    except AlertFileError:
        raise
    except _BROKEN as error:
        raise AlertFileError(_("This zip file is damaged, and cannot be read.")) from error
    name = clean(entry.filename, 80)
    try:
        found = kml.read_kml(inside, language=language)
    except AlertFileError as error:
        raise AlertFileError(f"{name}: {error.message}") from error
    found.format = FileFormat.KMZ
    if others:
        found.remarks.append(
            _("The archive holds %(count)d more KML files, which were not read: only %(name)s was.")
            % {"count": others, "name": name}
        )
    return found


def _choose(archive: zipfile.ZipFile) -> tuple[zipfile.ZipInfo, int]:
    """The entry to read, and how many other KML files there are."""
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > _MAX_TOTAL_BYTES:
        raise AlertFileError(
            _("This zip file unpacks to more than %(most)d MB. It was not read.")
            % {"most": _MAX_TOTAL_BYTES // (1024 * 1024)}
        )
    found = [entry for entry in entries if _is_kml(entry.filename)]
    if not found:
        raise AlertFileError(_("This zip file holds no KML, as a KMZ file would."))
    named = [entry for entry in found if entry.filename.lower() == "doc.kml"]
    return (named or found)[0], len(found) - 1


def _is_kml(name: str) -> bool:
    steps = name.replace("\\", "/").split("/")
    is_inside = not name.startswith(("/", "\\")) and ".." not in steps and ":" not in name
    return is_inside and name.lower().endswith(".kml") and steps[0] != "__MACOSX"


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    name = clean(entry.filename, 80)
    if entry.flag_bits & _ENCRYPTED:
        raise AlertFileError(
            _("%(name)s is encrypted. Send it without a password.") % {"name": name}
        )
    if entry.compress_type not in _METHODS:
        raise AlertFileError(
            _("%(name)s is packed in a way that KMZ does not know. Pack it anew as a plain zip.")
            % {"name": name}
        )
    with archive.open(entry) as stream:
        inside = stream.read(MAX_BYTES + 1)
    if len(inside) > MAX_BYTES:
        raise AlertFileError(
            _("%(name)s is larger than %(most)d MB. An alert file is much smaller.")
            % {"name": name, "most": MAX_BYTES // (1024 * 1024)}
        )
    if len(inside) > max(_TOO_SMALL_TO_JUDGE, _MAX_RATIO * entry.compress_size):
        raise AlertFileError(
            _("%(name)s unpacks to far more than it takes in the archive. It was not read.")
            % {"name": name}
        )
    return inside
