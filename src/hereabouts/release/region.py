"""Regions: the public set of cells that a plan measures, and the cells that an area touches.

A store cell is in the region when its resolution-7 ancestor has its centre in the plan's area, edges included. What
must not leave an area out (a protected one) takes every cell that the area touches instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
from h3 import H3BaseException
from numpy.typing import NDArray

from hereabouts.errors import BadInputError, UsageError
from hereabouts.hexagons import centres_of, neighbours_of, parents_of
from hereabouts.release.geojson import Polygon, polygons_of
from hereabouts.release.plan import Area

LEAF = 7
# How far beyond a box its candidates are looked for, degrees: more than the widest resolution-7 cell.
_MARGIN = 0.1
_MOST_CELLS = 2_000_000
# How many cells of resolution 7 lie below a hexagon of resolution 5.
_GRANDCHILDREN = 49


@dataclass(frozen=True)
class Region:
    """A region's cells at resolution 7, sorted, shape (n,); coarser ones are their ancestors."""

    leaves: NDArray[np.uint64]

    def cells(self, resolution: int) -> NDArray[np.uint64]:
        """The region's cells at `resolution` (7 or coarser), sorted; at its edge their parts in the region count."""
        return np.unique(parents_of(self.leaves, resolution))


def region_of(area: Area) -> Region:
    """The region of a plan's area.

    Raises
    ------
    BadInputError
        When a GeoJSON file is missing, cannot be read or holds no area.
    UsageError
        When no cell's centre is in the area, or more than two millions are, or a cell is not one.
    """
    if area.bbox is not None:
        leaves = _in_box(area.bbox)
    elif area.geojson is not None:
        leaves = _in_geojson(Path(area.geojson), area.content())
    else:
        leaves = _below(area.cells or ())
    if not leaves.size:
        raise UsageError("the plan's area holds the centre of no H3 cell of resolution 7: give a larger one")
    return Region(leaves)


def touching(area: Area, resolution: int) -> NDArray[np.uint64]:
    """Cells of `resolution` (7 or coarser) that an area touches, sorted: rather too many than one too few.

    A place of the area is in some store cell, whose ancestors by index need not be the hexagons that are drawn around
    the place: children stick out of their parents. So a cell counts when its own hexagon overlaps the area, and when
    a resolution-7 cell below it does or has a neighbour that does (what is below a resolution-7 cell sticks out
    into the ring around it and no further; tests/release/test_region.py). An area that is given as cells is what
    lies below these by index, and nothing around it.

    Raises
    ------
    BadInputError, UsageError
        As :func:`region_of`; an area may be too small to hold a centre.
    """
    if area.cells is not None:
        return np.unique(parents_of(_below(area.cells), resolution))
    found = []
    for wanted in (LEAF, resolution):
        if area.bbox is not None:
            _check_box(area.bbox)
            found.append(_overlapping_box(area.bbox, wanted))
        else:
            path = Path(area.geojson or "")
            found.append(np.concatenate([_cells(path, p, wanted, "overlap") for p in polygons_of(path)]))
    leaves, drawn = (np.unique(cells) for cells in found)
    return np.union1d(drawn, parents_of(_with_ring(leaves), resolution))


def _with_ring(leaves: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sorted resolution-7 cells and all their neighbours."""
    above = parents_of(leaves, LEAF - 2)
    parents, counts = np.unique(above, return_counts=True)
    whole = parents[counts == _GRANDCHILDREN]
    # Deep inside, every neighbour is among the cells already: it is below the same parent, or below one beside it.
    deep = whole[(neighbours_of(whole) >= 0).all(axis=1)]
    rim = leaves[~np.isin(above, deep)]
    rings = [np.asarray(h3.grid_disk(int(cell), 1), dtype=np.uint64) for cell in rim]
    return np.unique(np.concatenate([leaves, *rings]))


def _in_box(bbox: tuple[float, float, float, float]) -> NDArray[np.uint64]:
    west, south, east, north = bbox
    _check_box(bbox)
    around = (
        max(west - _MARGIN, -180.0),
        max(south - _MARGIN, -90.0),
        min(east + _MARGIN, 180.0),
        min(north + _MARGIN, 90.0),
    )
    cells = _overlapping_box(around, LEAF)
    centre = centres_of(cells)
    inside = (centre[:, 0] >= south) & (centre[:, 0] <= north) & (centre[:, 1] >= west) & (centre[:, 1] <= east)
    return cells[inside]


def _overlapping_box(bbox: tuple[float, float, float, float], resolution: int) -> NDArray[np.uint64]:
    w, s, e, n = bbox
    # H3 takes a polygon's edge along the shorter way round: strips keep each one's width below half the globe.
    found: set[int] = set()
    for left, right in zip(np.linspace(w, e, 5)[:-1], np.linspace(w, e, 5)[1:], strict=True):
        strip = h3.LatLngPoly([(s, left), (s, right), (n, right), (n, left)])
        found.update(int(cell) for cell in h3.polygon_to_cells_experimental(strip, resolution, contain="overlap"))
    return np.array(sorted(found), dtype=np.uint64)


def _in_geojson(path: Path, content: bytes) -> NDArray[np.uint64]:
    found: set[int] = set()
    for polygon in polygons_of(path, content):
        inside, touched = (_cells(path, polygon, LEAF, contain) for contain in ("center", "overlap"))
        # H3 leaves open on which side an edge is: here it belongs to the area.
        beside = np.setdiff1d(touched, inside)
        found.update(inside.tolist(), beside[polygon.on_edge(centres_of(beside)[:, ::-1])].tolist())
        if len(found) > _MOST_CELLS:
            raise _too_large(len(found))
    return np.array(sorted(found), dtype=np.uint64)


def _cells(path: Path, polygon: Polygon, resolution: int, contain: str) -> NDArray[np.uint64]:
    """What H3 finds of a polygon from the file `path`."""
    _check_size(polygon.square_degrees())
    outer, *holes = ([(lat, lon) for lon, lat in ring.tolist()] for ring in polygon.rings)
    try:
        found = h3.polygon_to_cells_experimental(h3.LatLngPoly(outer, *holes), resolution, contain=contain)
    except H3BaseException as error:
        raise BadInputError(path, f"holds a shape that cannot be read ({error})") from None
    return np.asarray(found, dtype=np.uint64)


def _below(names: tuple[str, ...]) -> NDArray[np.uint64]:
    found: set[int] = set()
    for name in names:
        if not h3.is_valid_cell(_index(name)) or h3.get_resolution(_index(name)) > LEAF:
            raise UsageError(f"got region cell '{name}', expected an H3 index of resolution {LEAF} or coarser")
        more = 7 ** (LEAF - h3.get_resolution(_index(name)))
        if len(found) + more > _MOST_CELLS:
            raise _too_large(len(found) + more)
        found.update(int(cell) for cell in h3.cell_to_children(_index(name), LEAF))
    return np.array(sorted(found), dtype=np.uint64)


def _index(name: str) -> int:
    try:
        index = int(h3.str_to_int(name))
    except (ValueError, OverflowError):
        return 0
    return index if 0 < index < 1 << 64 else 0


def _check_box(bbox: tuple[float, float, float, float]) -> None:
    west, south, east, north = bbox
    _check_size((east - west) * (north - south) * np.cos(np.radians((south + north) / 2)))


def _check_size(square_degrees: float) -> None:
    cells = square_degrees * 111.2**2 / 5.16
    if cells > _MOST_CELLS:
        raise _too_large(int(cells))


def _too_large(cells: int) -> UsageError:
    return UsageError(
        f"the area holds about {cells:,} cells of resolution 7, at most {_MOST_CELLS:,} can be measured: split it"
    )
