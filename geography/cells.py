"""An area becomes H3 cells, and the cells become ranges of integers for an ordinary index.

Resolution 7 (about 5 km2) everywhere. A res-7 cell's number sorts after its parents' digits, so
that all descendants of a coarser cell are one range.
"""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geography.normalising import around_the_world, normalise
from geography.sharing import one_at_a_time
from geography.sphere import cap_bounds, widest_angle

RESOLUTION = 7
Cells = npt.NDArray[np.int64]
Ranges = tuple[tuple[int, int], ...]

# How far, in degrees, any vertex of any res-7 descendant lies from the centre of a cell of
# resolution 0 to 7. Found by searching every coarse cell and 4,000 fine ones with all pentagons,
# plus 2 %: children reach beyond their parent's edge.
_REACH = (13.2, 5.06, 1.92, 0.724, 0.2725, 0.1025, 0.0376, 0.01422)
# Once so many cells lie on the border, it stays as coarse as it is: finer would cost more than
# refining the few distinct cells that people are in.
_ENOUGH_BORDER = 900
# A cell's edge is a great circle, a polygon's is straight in degrees; at resolution 7 they part by
# centimetres. Cells are drawn this much larger about their centre, so that no border point is lost.
_SWELL = 1.001
# Beyond this latitude a cell's outline in degrees is no hexagon, so its bounding box stands for it.
_POLAR = 85.0

_RES_SHIFT = 52
_DIGIT_BITS = 3
_PENTAGON_BASES = np.array([h3.get_base_cell_number(c) for c in h3.get_pentagons(0)])


@dataclass(frozen=True, slots=True)
class Cover:
    """Cells that hold an area, as sorted, disjoint, inclusive ranges of res-7 numbers.

    `ranges` = `inside` + `border`, merged. A cell of `inside` lies wholly in the area. A cell of
    `border` touches it for certain only when `exact`; else `areas.refine` tells.
    """

    ranges: Ranges
    inside: Ranges
    border: Ranges
    exact: bool

    def holds(self, cells: Cells) -> npt.NDArray[np.bool_]:
        """Which of the cells lie in the ranges."""
        return in_ranges(self.ranges, cells)


def cell_of(latitude: float, longitude: float) -> int:
    """The res-7 cell of a point in degrees, as it is stored (it fits a signed 64-bit column)."""
    return h3.latlng_to_cell(latitude, longitude, RESOLUTION)


def range_of(cell: int) -> tuple[int, int]:
    """First and last res-7 cell under a cell of resolution 7 or coarser."""
    ranks = _descendants(np.array([cell], dtype=np.int64), h3.get_resolution(cell))
    return _merged(ranks)[0]


def cover(geometry: BaseGeometry) -> Cover:
    """Every res-7 cell that touches the geometry (lon, lat degrees). Never misses one."""
    return cover_sheet(sheet_of(geometry))


def sheet_of(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry as this module tests it: normalised, seen past the seam, prepared."""
    return sheet_of_normal(normalise(geometry))


@one_at_a_time
def sheet_of_normal(geometry: BaseGeometry) -> BaseGeometry:
    """The same of what is normalised already: to find that out again takes as long as the rest."""
    sheet = around_the_world(geometry)
    shapely.prepare(sheet)
    return sheet


@one_at_a_time
def cover_sheet(
    sheet: BaseGeometry, *, reach_m: float = 0, enough_border: int = _ENOUGH_BORDER
) -> Cover:
    """Every res-7 cell that touches the sheet, or comes within reach_m of it, and some more.

    Exact only without a reach, and only where the border stays under enough_border cells.
    """
    reach = widest_angle(reach_m)
    inside: list[Cells] = []
    cells = np.array(h3.get_res0_cells(), dtype=np.int64)
    for resolution in range(RESOLUTION + 1):
        if resolution == RESOLUTION and not reach_m:
            cells = cells[_outlines_touch(sheet, cells)]
            break
        touches, contained = _box_tests(sheet, cells, _REACH[resolution] + reach)
        inside.append(_descendants(cells[contained], resolution))
        cells = cells[touches & ~contained]
        if not cells.size or resolution == RESOLUTION or len(cells) > enough_border:
            break
        cells = _children(cells, resolution)
    border = _descendants(cells, resolution)
    whole = np.concatenate(inside)
    return Cover(
        ranges=_merged(np.concatenate([whole, border])),
        inside=_merged(whole),
        border=_merged(border),
        exact=not cells.size or (resolution == RESOLUTION and not reach_m),
    )


@one_at_a_time
def touching(sheet: BaseGeometry, cells: Cells) -> npt.NDArray[np.bool_]:
    """Which res-7 cells touch the sheet: exact, for the distinct cells of a coarse cover."""
    return _outlines_touch(sheet, cells)


def centres(cells: Cells) -> npt.NDArray[np.float64]:
    """Latitude and longitude of each cell's centre, in degrees: array (cells, 2)."""
    points = [h3.cell_to_latlng(cell) for cell in cells.tolist()]
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def _box_tests(
    sheet: BaseGeometry, cells: Cells, angle: float
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether the box around each cell and its descendants touches the sheet, and lies in it."""
    middle = centres(cells)
    boxes = shapely.box(*cap_bounds(middle[:, 0], middle[:, 1], angle).T)
    touches = shapely.intersects(sheet, boxes)
    contained = np.zeros(len(cells), dtype=bool)
    # Not `covers`, which for a box that the border touches looks at all of the border: such a one
    # may as well be divided.
    contained[touches] = shapely.contains_properly(sheet, boxes[touches])
    return touches, contained


def _outlines_touch(sheet: BaseGeometry, cells: Cells) -> npt.NDArray[np.bool_]:
    """Whether each res-7 cell's own outline touches the sheet."""
    middle = centres(cells)
    touches = np.asarray(shapely.contains_xy(sheet, middle[:, 1], middle[:, 0]), dtype=bool)
    # Drawing an outline costs most: only where the centre is out and the box around it is not.
    doubtful = np.flatnonzero(~touches)
    about = middle[doubtful]
    boxes = shapely.box(*cap_bounds(about[:, 0], about[:, 1], _REACH[RESOLUTION]).T)
    doubtful = doubtful[shapely.intersects(sheet, boxes)]
    polar = np.abs(middle[doubtful, 0]) > _POLAR
    touches[doubtful[polar]] = True
    plain = doubtful[~polar]
    touches[plain] = shapely.intersects(sheet, _outlines(cells[plain], middle[plain]))
    return touches


def _outlines(cells: Cells, middle: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    """The cells' outlines, slightly swollen, with longitudes continuous about their centres."""
    corners = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    # Six, or more where the cell is a pentagon or lies across an edge of the icosahedron.
    counts = np.array([len(around) for around in corners], dtype=np.int64)
    outlines = np.empty(len(cells), dtype=object)
    for count in np.unique(counts).tolist():
        alike = np.flatnonzero(counts == count)
        points = np.array([corners[number] for number in alike.tolist()], dtype=np.float64)
        offset = points - middle[alike, None]
        offset[..., 1] = (offset[..., 1] + 180) % 360 - 180
        swollen = middle[alike, None] + offset * _SWELL
        outlines[alike] = shapely.polygons(
            np.concatenate([swollen, swollen[:, :1]], axis=1)[..., ::-1]
        )
    return outlines


def _children(cells: Cells, resolution: int) -> Cells:
    """The seven children (six of a pentagon) of cells of one resolution."""
    shift = _DIGIT_BITS * (15 - (resolution + 1))
    finer = (cells + (1 << _RES_SHIFT)) & ~np.int64(7 << shift)
    children = (finer[:, None] + (np.arange(7, dtype=np.int64) << shift)).ravel()
    return children[_exists(children, resolution + 1)]


def _exists(cells: Cells, resolution: int) -> npt.NDArray[np.bool_]:
    """A pentagon has no child in its first direction: no digits 0...01 under its base cell."""
    base = (cells >> 45) & 127
    exists = np.ones(len(cells), dtype=bool)
    suspects = np.flatnonzero(np.isin(base, _PENTAGON_BASES))
    digits = (cells[suspects] & ((1 << 45) - 1)) >> (_DIGIT_BITS * (15 - resolution))
    exists[suspects] = digits != 1
    return exists


def _descendants(cells: Cells, resolution: int) -> Cells:
    """First and last res-7 descendant of each cell, as ranks in base 7: array (cells, 2)."""
    rank = (cells >> 45) & 127
    for level in range(1, resolution + 1):
        rank = rank * 7 + ((cells >> (_DIGIT_BITS * (15 - level))) & 7)
    span = 7 ** (RESOLUTION - resolution)
    return np.stack([rank * span, rank * span + span - 1], axis=-1)


def _merged(ranks: Cells) -> Ranges:
    """Ranges of ranks, sorted, neighbours joined, as ranges of cell numbers."""
    if not len(ranks):
        return ()
    ranks = ranks[np.argsort(ranks[:, 0])]
    starts = np.concatenate([[True], ranks[1:, 0] > ranks[:-1, 1] + 1])
    ends = np.concatenate([starts[1:], [True]])
    first, last = _cell_numbers(ranks[starts, 0]), _cell_numbers(ranks[ends, 1])
    return tuple(zip(first.tolist(), last.tolist(), strict=True))


def _cell_numbers(ranks: Cells) -> Cells:
    """The res-7 cell number of each rank: mode 1, resolution 7, seven digits, the rest unused."""
    number = np.full(len(ranks), (1 << 59) | (RESOLUTION << _RES_SHIFT), dtype=np.int64)
    number |= (1 << (_DIGIT_BITS * (15 - RESOLUTION))) - 1
    rest = ranks.copy()
    for level in range(RESOLUTION, 0, -1):
        number |= (rest % 7) << (_DIGIT_BITS * (15 - level))
        rest //= 7
    return number | (rest << 45)


def in_ranges(ranges: Ranges, cells: Cells) -> npt.NDArray[np.bool_]:
    if not ranges:
        return np.zeros(len(cells), dtype=bool)
    bounds = np.array(ranges, dtype=np.int64)
    place = np.searchsorted(bounds[:, 0], cells, side="right") - 1
    return (place >= 0) & (cells <= bounds[np.maximum(place, 0), 1])
