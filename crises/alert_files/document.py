"""From hostile bytes to a bounded XML tree: size, encoding, entities, depth."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405: types only

from defusedxml.common import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from crises.alert_files.errors import AlertFileError, at

MAX_XML_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 40
MAX_ATTRIBUTES = 200
_CHUNK = 64 * 1024

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins the same way
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_LONG_NAMESPACE = re.compile(r"""xmlns[^=<>"']{0,200}=\s*(?:"[^"]{200}|'[^']{200})""")
# Python knows codecs that unzip, or that take quadratic time; only character sets are let in.
_KNOWN = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "cp1252",  # what the web calls Latin-1 is Windows-1252
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-2": "iso8859_2",
    "iso-8859-6": "iso8859_6",
    "iso-8859-15": "iso8859_15",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1256": "cp1256",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
}


class Located(Element):
    """An element that knows the line where it begins, from 1."""

    line = 0


class _RootSeen(Exception):
    """Ends a reading that only wants the name of the outermost element, and its line."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.name = name
        self.line = line


class _BoundedBuilder(TreeBuilder):
    """Stops a flood of elements, or a tower of them, while it is being read."""

    def __init__(self, *, root_only: bool = False) -> None:
        super().__init__(element_factory=self._located)
        self.root_only = root_only
        self.parser: _Parser | None = None
        self.count = 0
        self.depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        if self.root_only:
            raise _RootSeen(local(tag), self.line)
        self.count += 1
        self.depth += 1
        if self.count > MAX_ELEMENTS or self.depth > MAX_DEPTH or len(attrs) > MAX_ATTRIBUTES:
            raise AlertFileError(
                at(
                    f"<{local(tag)[:40]}>",
                    self.line,
                    _("This file holds far more elements than an alert does. It was not read."),
                )
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)

    def _located(self, tag: str, attrs: dict[str, str]) -> Element:
        element = Located(tag, attrs)
        element.line = self.line
        return element

    @property
    def line(self) -> int:
        return self.parser.line if self.parser else 0


class _Parser(DefusedXMLParser):
    """Knows its line, and keeps that of a declaration that it refuses."""

    def __init__(self, builder: _BoundedBuilder) -> None:
        super().__init__(target=builder, forbid_dtd=True)
        builder.parser = self
        self.refused_at = 0

    @property
    def line(self) -> int:
        return int(self.parser.CurrentLineNumber)

    def defused_start_doctype_decl(
        self, name: str, sysid: str | None, pubid: str | None, has_internal_subset: bool
    ) -> NoReturn:
        self.refused_at = self.line
        raise DTDForbidden(name, sysid, pubid)


def parse(data: bytes, *, most_bytes: int = MAX_XML_BYTES) -> tuple[Element, list[str]]:
    """The root element, and warnings about the encoding. `line_of` tells where an element is."""
    text, warnings = _text_of(data, most_bytes)
    builder = _BoundedBuilder()
    parser = _Parser(builder)
    with _explained(parser):
        parser.feed(text)
        root: Element = parser.close()
    return root, warnings


def root_name(data: bytes, *, most_bytes: int) -> tuple[str, int]:
    """The name of the outermost element, without its namespace, and its line."""
    text, _warnings = _text_of(data, most_bytes)
    parser = _Parser(_BoundedBuilder(root_only=True))
    with _explained(parser):
        try:
            # What follows the root need not be looked at for this.
            for start in range(0, len(text), _CHUNK):
                parser.feed(text[start : start + _CHUNK])
            parser.close()
        except _RootSeen as seen:
            return seen.name, seen.line
    return "", 0


def line_of(element: Element) -> int:
    """Where the element begins, from 1; 0 where that is not known."""
    return int(getattr(element, "line", 0))


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


@contextmanager
def _explained(parser: _Parser) -> Iterator[None]:
    try:
        yield
    except DefusedXmlException as error:
        raise AlertFileError(
            at(
                "<!DOCTYPE>",
                parser.refused_at or parser.line,
                _("This file declares a DTD or entities, which no alert needs. It was not read."),
            )
        ) from error
    except ParseError as error:
        line, column = error.position
        raise AlertFileError(
            _("This is not well-formed XML: line %(line)d, column %(column)d cannot be read.")
            % {"line": line, "column": column + 1}
        ) from error


def _text_of(data: bytes, most_bytes: int) -> tuple[str, list[str]]:
    if len(data) > most_bytes:
        raise AlertFileError(
            _("This file is larger than %(most)d MB. An alert file is much smaller.")
            % {"most": most_bytes // (1024 * 1024)}
        )
    if not data.strip():
        raise AlertFileError(_("This file is empty."))
    warnings: list[str] = []
    text = _decode(data, warnings)
    # Each prefixed attribute is spelled out with the whole of its namespace in memory.
    long_namespace = _LONG_NAMESPACE.search(text)
    if long_namespace:
        line = text.count("\n", 0, long_namespace.start()) + 1
        raise AlertFileError(
            at("xmlns", line, _("The name of a namespace is too long. The file was not read."))
        )
    return text, warnings


def _decode(data: bytes, warnings: list[str]) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                line = data.count(b"\n", 0, len(mark) + error.start) + 1
                raise AlertFileError(
                    _("The characters of line %(line)d cannot be read (%(encoding)s).")
                    % {"line": line, "encoding": encoding.upper()}
                ) from error
    match = _DECLARED.match(data)
    declared = match.group(1).decode("ascii").lower() if match else "utf-8"
    encoding = _KNOWN.get(declared, "")
    if not encoding:
        warnings.append(
            _("The file names an encoding that is not known here: %(encoding)s.")
            % {"encoding": declared}
        )
        encoding = "utf-8"
    text = _strictly(data, "utf-8")
    if text is not None:
        # Only real UTF-8 decodes as such once it holds anything beyond ASCII, whatever it says.
        if encoding != "utf-8" and not data.isascii():
            warnings.append(
                _("The file says it is %(encoding)s, but it is UTF-8, and was read so.")
                % {"encoding": declared}
            )
        return text
    if encoding not in ("utf-8", "ascii"):
        text = _strictly(data, encoding)
        if text is not None:
            return text
    warnings.append(
        _(
            "The file is not in the encoding that it names (%(encoding)s). It was read as "
            "Windows-1252: check its accents."
        )
        % {"encoding": declared}
    )
    # Latin-1 takes every byte; Windows-1252 leaves five undefined.
    return _strictly(data, "cp1252") or data.decode("latin-1")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
