"""From the pieces of an unfinished area to the area."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import shapely
from django.utils.translation import gettext as _

from crises.enums import Operation
from crises.pieces import Piece, geometry_of
from geography.areas import Area, InvalidArea

# Points met over all steps: adding and taking away by turns costs as much again at each turn, some
# fifteen microseconds a point.
_MOST_WORK = 400_000


def area_of(pieces: Sequence[Piece]) -> Area:
    """The pieces added and taken away in their order.

    Raises InvalidArea where there is none, where the first takes away, where nothing is left, or
    where it would take longer than somebody waits.
    """
    area: Area | None = None
    work = 0
    for operation, run in groupby(pieces, key=itemgetter("operation")):
        joined = Area.union([geometry_of(piece) for piece in run])
        work += sum(shapely.get_num_coordinates(one.geometry) for one in (joined, area) if one)
        if work > _MOST_WORK:
            raise InvalidArea(
                _(
                    "This area is too finely drawn to add to it and take away from it so often by "
                    "turns. Take some pieces away."
                )
            )
        if operation == Operation.ADD:
            area = Area.union([area, joined]) if area else joined
        elif area is None:
            raise InvalidArea(_("Add a piece first: there is nothing yet to take away from."))
        else:
            area = area.minus(joined)
    if area is None:
        raise InvalidArea(_("The area is still empty. Add a first piece."))
    return area
