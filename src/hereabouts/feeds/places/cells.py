"""The cells that a list touches (SL-PURGE): where sealed presence and trip ends go when a place is added.

Every cell that holds a position which the gate would take to be at a place is found; beside them, perhaps, one
that a place misses by some metres. A region that hangs together touches cells that hang together: so the cells
of each part of a place are found from one of them, neighbour by neighbour; of small parts, many at a time.
"""

from __future__ import annotations

import math

import h3.api.numpy_int as h3
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.shapes import POINT, Floats, Parts, Shapes, parts_of
from hereabouts.hexagons import EARTH_RADIUS

_SLACK = 5.0
"""Metres: more than what planes lose over 50 km, and what edges of two kilometres lose by not being straight."""
_EDGE = 0.02
"""Degrees: longer edges are cut before they are laid into a plane."""
_SMALL = 0.2
"""Degrees: a part of this size, and what is near it, lies in one plane; about others there is a plane for each cell."""
_NEAR = 50_000.0
"""Metres."""
_AT_ONCE = 1024
"""Small parts that grow together."""

Corners = dict[int, Floats]
"""Where the corners of cells are that were met, as vectors from the Earth's centre."""


def cells_touched(places: PlaceList, resolution: int) -> NDArray[np.uint64]:
    """Find every cell that a list touches, footprints and margins.

    Parameters
    ----------
    places
        The list.
    resolution
        H3 resolution, 5 or finer.

    Returns
    -------
    uint64[k]
        H3 indexes, ascending: no cell too few, perhaps one too many at an edge.
    """
    parts = parts_of(places.shape)
    reach = (places.radius + places.margin)[parts.shape]
    centre = parts.centre
    geometry = np.where(parts.kind == POINT, parts.geometry, shapely.segmentize(parts.geometry, _EDGE))
    wide = np.array([reach[part] * _widening(parts, part, reach[part]) + _SLACK for part in range(len(parts))])
    small = np.array([_is_small(parts, part, wide[part]) for part in range(len(parts))], np.bool_)
    corners: Corners = {}
    found: set[int] = set()
    for begin in range(0, len(parts), _AT_ONCE):
        some = np.flatnonzero(small[begin : begin + _AT_ONCE]) + begin
        if some.size:
            found |= _grown_together(geometry[some], wide[some], centre[some], resolution, corners)
    for part in np.flatnonzero(~small):
        found |= _grown(geometry[part], wide[part], resolution, corners)
    return np.array(sorted(found), np.uint64)


def _widening(parts: Parts, part: int, reach: float) -> float:
    """By how much what is in reach in the plane about a ping may be farther on the globe.

    There s <= d * sqrt(1 + d / (R cos(latitude))), as the cosine changes by no more than the angle.
    """
    if parts.kind[part] == POINT:
        return 1.0
    angle = reach / EARTH_RADIUS
    poleward = math.radians(np.abs(parts.box[part, [1, 3]]).max()) + angle
    return math.sqrt(1.0 + angle / math.cos(poleward))


def _is_small(parts: Parts, part: int, reach: float) -> bool:
    west, south, east, north = parts.box[part]
    wide = (east - west) * math.cos(math.radians(south))
    return bool(max(wide, north - south) <= _SMALL and reach <= _NEAR)


def _grown_together(geometry: Shapes, reach: Floats, centre: Floats, resolution: int, corners: Corners) -> set[int]:
    """Cells within reach of small parts, each from one of its positions on and in a plane of its own."""
    frames = _frame(*centre.T)
    positions, whose = shapely.get_coordinates(geometry, return_index=True)
    flat = shapely.set_coordinates(geometry.copy(), _in_plane(_vectors(*positions[:, ::-1].T), frames[whose]))
    firsts = positions[np.searchsorted(whose, np.arange(len(geometry)))]
    front = {(part, _cell_at(first, resolution)) for part, first in enumerate(firsts)}
    seen, touched, around = set(front), set(), dict[int, list[int]]()
    while front:
        pairs = list(front)
        part, cells = np.array([part for part, _ in pairs]), [cell for _, cell in pairs]
        close = shapely.distance(flat[part], _hexagons(cells, corners, frames[part])) <= reach[part]
        near = [pair for pair, is_close in zip(pairs, close.tolist(), strict=True) if is_close]
        touched |= {cell for _, cell in near}
        around |= {cell: h3.grid_disk(cell, 1).tolist() for _, cell in near if cell not in around}
        front = {(part, cell) for part, inner in near for cell in around[inner]} - seen
        seen |= front
    return touched


def _grown(geometry: shapely.Geometry, reach: float, resolution: int, corners: Corners) -> set[int]:
    """Cells within reach of a large part, from one of its positions on; each is looked at in a plane of its own."""
    front = {_cell_at(shapely.get_coordinates(geometry)[0], resolution)}
    seen, touched = set(front), set()
    while front:
        near = set()
        for cell in front:
            frame = _frame(*h3.cell_to_latlng(cell))
            if shapely.distance(_laid(geometry, frame), _hexagons([cell], corners, frame)[0]) <= reach:
                near.add(cell)
        touched |= near
        front = {int(cell) for inner in near for cell in h3.grid_disk(inner, 1)} - seen
        seen |= front
    return touched


def _cell_at(position: Floats, resolution: int) -> int:
    longitude, latitude = position.tolist()
    return int(h3.latlng_to_cell(latitude, (longitude + 180.0) % 360.0 - 180.0, resolution))


def _frame(latitude: ArrayLike, longitude: ArrayLike) -> Floats:
    """East, north and up at a position, shape (3, 3), or at each of many."""
    phi, theta = np.radians(latitude), np.radians(longitude)
    east = np.stack([-np.sin(theta), np.cos(theta), np.zeros_like(theta)], axis=-1)
    north = np.stack([-np.sin(phi) * np.cos(theta), -np.sin(phi) * np.sin(theta), np.cos(phi)], axis=-1)
    up = np.stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)], axis=-1)
    return np.stack([east, north, up], axis=-2)


def _vectors(latitude: Floats, longitude: Floats) -> Floats:
    phi, theta = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def _in_plane(vectors: Floats, frame: Floats) -> Floats:
    """Metres east and north on the plane that keeps distances and directions from its middle, shape (n, 2).

    The frame is one for all vectors, or one for each.
    """
    east, north, up = np.einsum("...ij,...j->i...", frame, vectors)
    across = np.hypot(east, north)
    stretch = np.divide(np.arctan2(across, up), across, out=np.ones_like(across), where=across > 0.0)
    return np.asarray(np.column_stack([east, north]) * (stretch * EARTH_RADIUS)[:, None])


def _laid(geometry: shapely.Geometry, frame: Floats) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: _in_plane(_vectors(xy[:, 1], xy[:, 0]), frame))


def _hexagons(cells: list[int], corners: Corners, frame: Floats) -> Shapes:
    """Cells as areas in a plane, or each in its own; `corners` remembers where their corners are."""
    if met := [cell for cell in dict.fromkeys(cells) if cell not in corners]:
        around = [np.array(h3.cell_to_boundary(cell)) for cell in met]
        ends = np.cumsum([len(ring) for ring in around])
        corners |= zip(met, np.split(_vectors(*np.concatenate(around).T), ends[:-1]), strict=True)
    rings = [corners[cell] for cell in cells]
    whose = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    flat = _in_plane(np.concatenate(rings), frame if frame.ndim == 2 else frame[whose])
    return np.asarray(shapely.polygons(shapely.linearrings(flat, indices=whose)))
