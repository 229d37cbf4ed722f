"""Footprints as shapes: what is wrong with one, its canonical form, and the simple parts that it is made of.

Coordinates are WGS84 degrees, longitude first. Edges are straight in longitude and latitude, as in GeoJSON
(RFC 7946). A step of more than half the globe between two corners crosses the antimeridian; shapes that were
cut there are as good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

POINT, LINE, AREA = 0, 1, 2
"""Kinds of parts; also shapely's types 0, 1 and 3, of which 4 to 6 are the multiple ones."""

MOST_LATITUDE = 88.0
"""Degrees: nearer to a pole, lines and areas in longitude and latitude are no shapes on the ground."""

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]
Shapes = NDArray[np.object_]
Flags = NDArray[np.bool_]

_KINDS = {0: POINT, 1: LINE, 3: AREA, 4: POINT, 5: LINE, 6: AREA}


@dataclass(frozen=True, repr=False)
class Parts:
    """Points, lines and areas with holes: what shapes are made of, p of them with e edges in all.

    Attributes
    ----------
    shape
        Which shape each part is of, ascending, shape (p,).
    kind
        :data:`POINT`, :data:`LINE` or :data:`AREA`, shape (p,).
    box
        West, south, east and north, shape (p, 4). Longitudes run on beyond 180 where a part crosses the
        antimeridian, there and in the edges.
    first_edge
        Edges of part k are those from ``first_edge[k]`` to ``first_edge[k + 1]``; points have none.
    edges
        From and to, shape (e, 4): longitude, latitude, longitude, latitude.
    geometry
        Of shapely, shape (p,).
    """

    shape: Int64s
    kind: NDArray[np.uint8]
    box: Floats
    first_edge: Int64s
    edges: Floats
    geometry: Shapes

    def __len__(self) -> int:
        return len(self.shape)

    @property
    def centre(self) -> Floats:
        """The middles of the boxes, shape (p, 2): latitude, longitude (-180 to 180). A point is its own."""
        longitude = (self.box[:, 0] + self.box[:, 2]) / 2.0
        turned = np.where(np.abs(longitude) > 180.0, (longitude + 180.0) % 360.0 - 180.0, longitude)
        return np.column_stack([(self.box[:, 1] + self.box[:, 3]) / 2.0, turned])


def canonical(shapes: Shapes) -> Shapes:
    """Give shapes in two dimensions, what has one part without a multiple around it, and 0.0 for -0.0.

    Corners stay in the order in which they came: libraries bring rings into an order of their own, which another
    version of them may change, and with it the digest of a list that a store has registered.
    """
    flat = shapely.force_2d(shapes)
    alone = (shapely.get_type_id(flat) >= 4) & (shapely.get_num_geometries(flat) == 1)
    flat = np.where(alone, shapely.get_geometry(flat, 0), flat)
    return np.asarray(shapely.transform(flat, lambda positions: positions + 0.0), np.object_)


def faults_of(shapes: Shapes) -> list[tuple[Flags, str]]:
    """Find shapes that can be no footprint.

    Parameters
    ----------
    shapes
        Of shapely, or ``None``; shape (n,).

    Returns
    -------
    list of (bool[n], str)
        Which rows have a fault, and the fault in words; a row may have several.
    """
    types = shapely.get_type_id(shapes)
    there = types >= 0
    known = np.isin(types, list(_KINDS))
    empty = known & shapely.is_empty(shapes)
    usable = known & ~empty
    position, row = shapely.get_coordinates(shapes[usable], return_index=True)
    row = np.flatnonzero(usable)[row]
    x, y = position.T

    def of_any(bad: Flags) -> Flags:
        return np.bincount(row, bad, len(shapes)) > 0

    off = of_any(~(np.isfinite(x) & np.isfinite(y) & (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)))
    null = of_any((x == 0.0) & (y == 0.0)) & np.isin(types, [0, 4])
    polar = of_any(np.abs(y) > MOST_LATITUDE) & ~np.isin(types, [0, 4])
    usable &= ~(off | polar)
    around, broken = _broken(shapes, usable)
    return [
        (~there, "without a geometry that can be read"),
        (there & ~known | empty, "of another geometry than points, lines and areas"),
        (off, "with a position that is not on Earth"),
        (null, "at exactly 0,0, which is where failed look-ups end"),
        (polar, f"with lines or areas beyond {MOST_LATITUDE:g} degrees of latitude"),
        (around, "around a pole"),
        (broken, "with a shape that crosses itself or has no extent (repair it, for example by 'ogr2ogr -makevalid')"),
    ]


def parts_of(shapes: Shapes) -> Parts:
    """Take sound shapes apart.

    Parameters
    ----------
    shapes
        Without faults, shape (n,).
    """
    parts, shape = shapely.get_parts(shapes, return_index=True)
    kind = np.array([_KINDS[number] for number in shapely.get_type_id(parts).tolist()], np.uint8)
    parts = _unwrapped(parts, kind)
    box = np.asarray(shapely.bounds(parts), np.float64).reshape(-1, 4)
    owner, start, end = _edges(parts, kind)
    first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(parts)))])
    edges = np.hstack([start, end]).reshape(-1, 4)
    return Parts(shape.astype(np.int64), kind, box, first.astype(np.int64), np.ascontiguousarray(edges), parts)


def _broken(shapes: Shapes, usable: Flags) -> tuple[Flags, Flags]:
    """Which usable shapes go around a pole, and which are not valid once they are laid out without a jump."""
    rows = np.flatnonzero(usable)
    parts, shape = shapely.get_parts(shapes[rows], return_index=True)
    kind = np.array([_KINDS[number] for number in shapely.get_type_id(parts).tolist()], np.uint8)
    around, broken = np.zeros(len(shapes), bool), np.zeros(len(shapes), bool)
    open_rings = _around(parts, kind)
    around[rows[shape[open_rings]]] = True
    parts, shape = parts[~open_rings], shape[~open_rings]
    whole = _unwrapped(parts, kind[~open_rings])
    broken[rows[shape[~shapely.is_valid(whole)]]] = True
    # Each part may be sound and the areas of one shape overlap: harmless, as the footprint is their union.
    return around, broken


def _rings(parts: Shapes, kind: NDArray[np.uint8]) -> tuple[Int64s, Int64s, Floats, Int64s]:
    """Lines and rings of parts: whose each is, where it begins, their positions, and the ring of each position."""
    areas, lines = np.flatnonzero(kind == AREA), np.flatnonzero(kind == LINE)
    rings, owner = shapely.get_rings(parts[areas], return_index=True)
    every = np.concatenate([rings, parts[lines]])
    owners = np.concatenate([areas[owner], lines]).astype(np.int64)
    order = np.argsort(owners, kind="stable")
    every, owners = every[order], owners[order]
    position, ring = shapely.get_coordinates(every, return_index=True)
    first = np.searchsorted(ring, np.arange(len(every)))
    return owners, first, position, ring


def _turns(position: Floats, first: Int64s) -> Floats:
    """What to add to each longitude so that it runs on where its ring crosses the antimeridian."""
    step = np.diff(position[:, 0], prepend=position[:1, 0])
    step[first] = 0.0
    turn = np.where(step > 180.0, -360.0, np.where(step < -180.0, 360.0, 0.0))
    run = np.cumsum(turn)
    lengths = np.diff(np.append(first, len(position)))
    return np.asarray(run - np.repeat(run[first], lengths))


def _around(parts: Shapes, kind: NDArray[np.uint8]) -> Flags:
    """Which parts have a ring that does not close when its longitudes run on: it goes around a pole."""
    owner, first, position, _ = _rings(parts, kind)
    found = np.zeros(len(parts), bool)
    if len(first):
        turned = position[:, 0] + _turns(position, first)
        last = np.append(first[1:], len(position)) - 1
        found[owner[(np.abs(turned[last] - turned[first]) > 180.0) & (kind[owner] == AREA)]] = True
    return found


def _unwrapped(parts: Shapes, kind: NDArray[np.uint8]) -> Shapes:
    """Lay out parts so that no longitude jumps; holes go where their outer ring is."""
    owner, first, position, ring = _rings(parts, kind)
    if len(first) == 0:
        return parts
    turned = position[:, 0] + _turns(position, first)
    low, high = np.minimum.reduceat(turned, first), np.maximum.reduceat(turned, first)
    middle = (low + high) / 2.0
    outer = np.searchsorted(owner, owner)  # the first ring of a part is the outer one
    moved = np.round((middle[outer] - middle) / 360.0) * 360.0
    turned += moved[ring]
    if np.array_equal(turned, position[:, 0]):
        return parts
    laid = parts.copy()
    shaped = kind != POINT
    inner = laid[shaped]
    shapely.set_coordinates(inner, np.column_stack([turned, position[:, 1]]))
    laid[shaped] = inner
    return laid


def _edges(parts: Shapes, kind: NDArray[np.uint8]) -> tuple[Int64s, Floats, Floats]:
    """Edges of parts in order: whose each is, and both ends."""
    owner, _, position, ring = _rings(parts, kind)
    within = np.flatnonzero(ring[1:] == ring[:-1])
    return owner[ring[within]], position[within], position[within + 1]
