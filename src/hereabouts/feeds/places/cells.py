"""The cells that a list touches (SL-PURGE): where sealed presence and trip ends go when a place is added.

Every cell that holds a position which the gate would take to be at a place is found; beside them, perhaps, one
that a place misses by some metres. A region that hangs together touches cells that hang together: so the cells
of each part of a place are found from one of them, neighbour by neighbour.
"""

from __future__ import annotations

import math

import h3.api.numpy_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray

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
    corners: dict[int, Floats] = {}
    found: set[int] = set()
    for part in range(len(parts)):
        wide = reach[part] * _widening(parts, part, reach[part]) + _SLACK
        found |= _grown(geometry[part], wide, centre[part], _is_small(parts, part, wide), resolution, corners)
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


def _grown(
    geometry: shapely.Geometry,
    reach: float,
    centre: Floats,
    small: bool,
    resolution: int,
    corners: dict[int, Floats],
) -> set[int]:
    """Cells within reach of a part, from one of its positions on."""
    longitude, latitude = shapely.get_coordinates(geometry)[0].tolist()
    front = {int(h3.latlng_to_cell(latitude, (longitude + 180.0) % 360.0 - 180.0, resolution))}
    seen, touched = set(front), set()
    flat = _laid(geometry, _frame(*centre)) if small else None
    while front:
        cells = list(front)
        if flat is not None:
            away = shapely.distance(flat, _hexagons(cells, corners, _frame(*centre)))
        else:
            frames = [_frame(*h3.cell_to_latlng(cell)) for cell in cells]
            away = np.array(
                [
                    shapely.distance(_laid(geometry, frame), _hexagons([cell], corners, frame)[0])
                    for cell, frame in zip(cells, frames, strict=True)
                ]
            )
        near = {cell for cell, metres in zip(cells, away.tolist(), strict=True) if metres <= reach}
        touched |= near
        front = {int(cell) for inner in near for cell in h3.grid_disk(inner, 1)} - seen
        seen |= front
    return touched


def _frame(latitude: float, longitude: float) -> Floats:
    """East, north and up at a position, shape (3, 3)."""
    phi, theta = math.radians(latitude), math.radians(longitude)
    east = (-math.sin(theta), math.cos(theta), 0.0)
    north = (-math.sin(phi) * math.cos(theta), -math.sin(phi) * math.sin(theta), math.cos(phi))
    return np.array([east, north, (math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi))])


def _vectors(latitude: Floats, longitude: Floats) -> Floats:
    phi, theta = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def _in_plane(vectors: Floats, frame: Floats) -> Floats:
    """Metres east and north on the plane that keeps distances and directions from its middle, shape (n, 2)."""
    east, north, up = frame @ vectors.T
    across = np.hypot(east, north)
    stretch = np.divide(np.arctan2(across, up), across, out=np.ones_like(across), where=across > 0.0)
    return np.asarray(np.column_stack([east, north]) * (stretch * EARTH_RADIUS)[:, None])


def _laid(geometry: shapely.Geometry, frame: Floats) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: _in_plane(_vectors(xy[:, 1], xy[:, 0]), frame))


def _hexagons(cells: list[int], corners: dict[int, Floats], frame: Floats) -> Shapes:
    """Cells as areas in a plane; `corners` remembers where their corners are."""
    for cell in cells:
        if cell not in corners:
            corners[cell] = _vectors(*np.array(h3.cell_to_boundary(cell)).T)
    rings = [corners[cell] for cell in cells]
    whose = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    flat = _in_plane(np.concatenate(rings), frame)
    return np.asarray(shapely.polygons(shapely.linearrings(flat, indices=whose)))
