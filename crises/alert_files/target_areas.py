"""The area for which an EDXL-DE message is meant: its shapes, countries and codes as parts."""

from __future__ import annotations

from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _

from crises.alert_files import codes
from crises.alert_files.alert import Part
from crises.alert_files.cap_areas import CapAreaReader
from crises.alert_files.document import line_of
from crises.alert_files.elements import located, name_of
from crises.alert_files.errors import AlertFileError, SwappedCoordinates
from crises.alert_files.wording import clean

MAX_PARTS = 500
# By its element: the list that a code is taken from, as `codes` knows it.
_LISTS = {"country": "ISO 3166-1", "subdivision": "ISO 3166-2", "locCodeUN": "UN/LOCODE"}


def target_parts(area: Element, shapes: CapAreaReader) -> list[Part]:
    """Every element of a `<targetArea>`. Raises AlertFileError for far too many of them."""
    elements = list(area)
    if len(elements) > MAX_PARTS:
        problem = _("This file holds more than %(most)s shapes. Join them, or leave some out.")
        raise AlertFileError(located(elements[MAX_PARTS], problem % {"most": MAX_PARTS}))
    parts = [_part(element, shapes) for element in elements]
    for part in parts:
        part.remarks.append(
            _("From the message around the alert: it says for whom the message is meant.")
        )
    return parts


def _part(element: Element, shapes: CapAreaReader) -> Part:
    name = name_of(element)
    if name in ("polygon", "circle"):
        try:
            return shapes.shape(element, _("Target area"))
        except SwappedCoordinates:
            with shapes.swapping():
                return shapes.shape(element, _("Target area"))
    value = clean(element.text or "", 100)
    list_name = _LISTS.get(name, name[:40])
    part = Part(f"{list_name} {value}".strip(), f"<{name[:40]}>", line_of(element))
    named = codes.look_up(list_name, value) if name in _LISTS else codes.Named()
    part.countries = named.countries
    if named.is_part:
        part.chosen = False
        part.remarks.append(codes.only_a_part(named.countries[0]))
    elif not value:
        part.remarks.append(_("It cannot be read here, or is empty."))
    elif not part.countries:
        part.remarks.append(codes.not_held(list_name))
    return part
