"""From the pieces of an unfinished area to the area."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from django.utils.translation import gettext as _

from crises.enums import Operation
from crises.pieces import Piece, geometry_of
from geography.areas import Area, InvalidArea


def area_of(pieces: Sequence[Piece]) -> Area:
    """The pieces added and taken away in their order.

    Raises InvalidArea where there is none, where the first takes away, or where nothing is left.
    """
    area: Area | None = None
    for operation, run in groupby(pieces, key=itemgetter("operation")):
        joined = Area.union([geometry_of(piece) for piece in run])
        if operation == Operation.ADD:
            area = Area.union([area, joined]) if area else joined
        elif area is None:
            raise InvalidArea(_("Add a piece first: there is nothing yet to take away from."))
        else:
            area = area.minus(joined)
    if area is None:
        raise InvalidArea(_("The area is still empty. Add a first piece."))
    return area
