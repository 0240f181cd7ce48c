"""What an alert file says of where, as it is kept while an officer looks at it."""

from __future__ import annotations

from typing import Any

import shapely

from crises.alert_files import AlertFile
from crises.enums import Operation, PieceKind
from crises.pieces import LONGEST_LABEL, Piece

KeptPart = dict[str, Any]


def parts_of(alert: AlertFile) -> list[KeptPart]:
    """Every element of the alert that says where, whether it was understood or not."""
    return [
        {
            "name": alert.label,
            "element": "<area>",
            "line": 0,
            "remarks": [],
            "chosen": True,
            "geojson": shapely.geometry.mapping(alert.area().geometry),
            "countries": [],
        }
    ]


def piece_of(part: KeptPart, number: int) -> Piece:
    """A part that was understood, as a piece of an area; `number` is its place in the file."""
    return {
        # The same file read twice gives the same pieces.
        "id": f"{number:08x}",
        "operation": Operation.ADD.value,
        "kind": PieceKind.FILE.value,
        "label": (part["name"] or part["element"])[:LONGEST_LABEL],
        "geometry": part["geojson"],
        "country_codes": part["countries"],
        "region_codes": [],
    }
