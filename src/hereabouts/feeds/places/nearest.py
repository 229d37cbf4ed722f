"""How far positions are from places, and which place each is at.

The distance of a ping from a geometry is the haversine distance for a point, and for lines and areas 0 inside
an area and else the distance to the nearest edge in the equirectangular plane about the ping (x: degrees of
longitude times the cosine of the ping's latitude), on a globe of radius 6,371,008.8 m. The gap to the
footprint is that less the radius, and never negative. The ping is at the place when the gap is at most the
margin. Of several places the one with the smallest gap counts; of equal gaps the one whose centre (the middle
of the bounding box of the part) is nearest, and then the first in the list.

Most positions are clearly at one place or at none, which a few multiplications tell. Only what they leave open is
measured, and where a position is at several places, the gaps between which it has to choose.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hereabouts.feeds.places.shapes import AREA, Floats, Int64s, Parts
from hereabouts.feeds.places.spans import PAD
from hereabouts.movement.kernel import Int32s, kernel, vector_kernel

# Written out, as a kernel reads constants of its own file alone.
_EARTH_RADIUS = 6_371_008.8
_METRES_A_DEGREE = math.radians(_EARTH_RADIUS)
_EDGES_A_CHUNK = 16
_FACTS = 11
_FLAT_REACH, _FLAT_LATITUDE = 5_000.0, 80.0
_FLAT_ERROR = 2e-5
_NOT_MEASURED = -1.0  # in the place of a gap that is certainly small enough, and has not been asked for

Facts = tuple[NDArray[np.bool_], Floats, Int64s, Floats, Floats]
"""What :func:`judge` knows of parts: which are areas; eleven figures each (:func:`facts_of` says which); where
the chunks of edges of each begin; the chunks' boxes; the edges, chunk by chunk.

A plain tuple: a class of ours would be named in numba's cache, and renaming it would break what is cached.
"""


def facts_of(parts: Parts, radius: Floats, margin: Floats) -> Facts:
    """Lay out parts for :func:`judge`.

    Parameters
    ----------
    parts
        The parts.
    radius, margin
        Metres, by part.

    Returns
    -------
    tuple
        Edges come in chunks of 16, coordinate by coordinate, so that a chunk is worked on at once; the last chunk of
        a part is filled up with its last corner.
    """
    latitude, longitude = parts.centre.T
    first, boxes, edges = _chunks(parts)
    table = np.empty((len(parts), _FACTS))
    table[:, 0], table[:, 1], table[:, 2], table[:, 3] = latitude, longitude, radius, margin
    table[:, 4] = (radius + margin + PAD) / _METRES_A_DEGREE
    table[:, 5] = np.cos(np.radians(latitude))
    table[:, 6] = (parts.box[:, 0] + parts.box[:, 2]) / 2.0
    facts = parts.kind == AREA, table, first, boxes, edges
    # Where a place is small and no pole is near, the plane tells what is certainly at it and what certainly not: half
    # the angles are under 0.0004, so that x^2 > sin(x)^2 > x^2 (1 - x^2 / 3). By the triangle inequality, what holds of
    # the centre holds of the footprint, less what the centre lies within it or more what the footprint reaches beyond
    # it. Of the latitudes about, each length is taken for the one where it proves least.
    band = _FLAT_REACH / _METRES_A_DEGREE
    least = np.cos(np.radians(np.minimum(np.abs(latitude) + band, 90.0)))
    most = np.cos(np.radians(np.maximum(np.abs(latitude) - band, 0.0)))
    depth, extent = _around_centres(facts, least, most)
    inner, outer = (radius + margin - PAD) / _METRES_A_DEGREE + depth, table[:, 4] + extent
    flat = (outer <= band) & (np.abs(latitude) <= _FLAT_LATITUDE)
    table[:, 7] = np.where(flat & (inner > 0.0), inner**2 * (1.0 - _FLAT_ERROR), -1.0)
    table[:, 8] = np.where(flat, outer**2 * (1.0 + _FLAT_ERROR), np.inf)
    table[:, 9], table[:, 10] = most**2, least**2
    return facts


def _chunks(parts: Parts) -> tuple[Int64s, Floats, Floats]:
    count = np.diff(parts.first_edge)
    chunks = -(-count // _EDGES_A_CHUNK)
    first = np.concatenate([[0], np.cumsum(chunks)]).astype(np.int64)
    room = chunks * _EDGES_A_CHUNK
    # The number, within its part, of the edge at each place in the chunks; beyond the last one stands its far end.
    number = np.arange(room.sum()) - np.repeat(first[:-1] * _EDGES_A_CHUNK, room)
    last = np.repeat(count, room) - 1
    edges = parts.edges[np.repeat(parts.first_edge[:-1], room) + np.minimum(number, last)]
    edges[number > last, :2] = edges[number > last, 2:]
    whole = edges.reshape(-1, _EDGES_A_CHUNK, 4)
    low = np.minimum(whole[:, :, :2], whole[:, :, 2:]).min(axis=1)
    high = np.maximum(whole[:, :, :2], whole[:, :, 2:]).max(axis=1)
    return first, np.hstack([low, high]), np.ascontiguousarray(whole.transpose(0, 2, 1))


@kernel
def judge(
    latitude: Floats,
    longitude: Floats,
    near: Int32s,
    cells: Int32s,
    count: int,
    starts: Int32s,
    candidates: Int32s,
    facts: Facts,
    best: Int32s,
    gaps: Floats,
) -> None:
    """Find the place that each position is at, among the candidates of its cell and what was found before.

    Parameters
    ----------
    latitude, longitude
        WGS84 degrees, shape (n,).
    near, cells
        Rows of positions with candidates, and their cells; the first `count` hold.
    starts, candidates
        Of the level that the cells are of.
    facts
        :func:`facts_of` the parts.
    best
        The part that each position is at, -1 for none; kept up here.
    gaps
        The gap to it in metres, if it was measured; what it holds where there is none means nothing.
    """
    room = np.empty(_EDGES_A_CHUNK)
    table = facts[1]
    for k in range(count):
        row, cell = near[k], cells[k]
        y, x = latitude[row], longitude[row]
        held, least = best[row], gaps[row]
        for c in range(starts[cell], starts[cell + 1]):
            part = candidates[c]
            north, east = abs(y - table[part, 0]), abs(x - table[part, 1])
            east = 360.0 - east if east > 180.0 else east
            north, east = north * north, east * east
            if north + east * table[part, 10] > table[part, 8]:
                continue
            gap = _NOT_MEASURED
            if north + east * table[part, 9] > table[part, 7]:
                gap = _gap(y, x, part, facts, room)
                if gap > table[part, 3]:
                    continue
            if held >= 0:
                gap = gap if gap >= 0.0 else _gap(y, x, part, facts, room)
                least = least if least >= 0.0 else _gap(y, x, held, facts, room)
                if not (gap < least or (gap == least and _comes_first(y, x, part, held, facts))):
                    continue
            held, least = part, gap
        best[row], gaps[row] = held, least


@kernel
def _gap(y: float, x: float, part: int, facts: Facts, room: Floats) -> float:
    """Metres from a ping to a footprint; of lines and areas, infinite where it is clearly out of reach."""
    table, first = facts[1], facts[2]
    if first[part] == first[part + 1]:  # no edges: a point
        return float(max(_haversine(y, x, part, table) - table[part, 2], 0.0))
    if x - table[part, 6] > 180.0:
        x -= 360.0
    elif x - table[part, 6] < -180.0:
        x += 360.0
    return float(max(_from_edges(y, x, part, facts, room) - table[part, 2], 0.0))


@kernel
def _comes_first(y: float, x: float, part: int, other: int, facts: Facts) -> bool:
    """Whether a part comes before another one that is equally far."""
    this = _haversine(y, x, part, facts[1])
    that = _haversine(y, x, other, facts[1])
    return this < that or (this == that and part < other)


@kernel
def _haversine(y: float, x: float, part: int, table: Floats) -> float:
    """Metres from a ping to a part's centre, as :func:`hereabouts.hexagons.distance`."""
    up = math.sin((math.radians(table[part, 0]) - math.radians(y)) / 2.0)
    across = math.sin((math.radians(table[part, 1]) - math.radians(x)) / 2.0)
    chord = up * up + math.cos(math.radians(y)) * table[part, 5] * (across * across)
    return 2.0 * _EARTH_RADIUS * math.asin(math.sqrt(min(chord, 1.0)))


@kernel
def _from_edges(y: float, x: float, part: int, facts: Facts, room: Floats) -> float:
    """Metres from a ping to the edges of a line or area, 0 inside; infinite where all are out of reach."""
    areas, table, first, boxes, edges = facts
    area = areas[part]
    narrow = max(math.cos(math.radians(y)), 1e-12)
    reach = table[part, 4]
    aside = reach / narrow
    crossings, least = 0, math.inf
    for chunk in range(first[part], first[part + 1]):
        south, north = boxes[chunk, 1], boxes[chunk, 3]
        if y < south - reach or y > north + reach or x > boxes[chunk, 2] + aside:
            continue
        if area and south <= y <= north:
            crossings += _crossings(edges[chunk], y, x)
        if x >= boxes[chunk, 0] - aside:
            least = min(least, _squared(edges[chunk], y, x, narrow, room))
    return 0.0 if crossings % 2 else math.sqrt(least) * _METRES_A_DEGREE


@kernel
def _around_centres(facts: Facts, least: Floats, most: Floats) -> tuple[Floats, Floats]:
    """How far each centre lies within its part (off it: below zero), and how far the part reaches from it, in degrees.

    `least` and `most` are what a degree of longitude may be of one of latitude.
    """
    areas, table, first, _, edges = facts
    room = np.empty(_EDGES_A_CHUNK)
    depth, extent = np.zeros(len(table)), np.zeros(len(table))
    for part in range(len(table)):
        if first[part] == first[part + 1]:
            continue
        y, x = table[part, 0], table[part, 6]
        crossings, within, off, beyond = 0, math.inf, math.inf, 0.0
        for chunk in range(first[part], first[part + 1]):
            crossings += _crossings(edges[chunk], y, x) if areas[part] else 0
            within = min(within, _squared(edges[chunk], y, x, least[part], room))
            off = min(off, _squared(edges[chunk], y, x, most[part], room))
            for k in range(_EDGES_A_CHUNK):
                for end in range(0, 4, 2):
                    aside = (edges[chunk, end, k] - x) * most[part]
                    beyond = max(beyond, aside * aside + (edges[chunk, end + 1, k] - y) ** 2)
        depth[part] = math.sqrt(within) if crossings % 2 else -math.sqrt(off)
        extent[part] = math.sqrt(beyond)
    return depth, extent


@vector_kernel
def _crossings(edges: Floats, y: float, x: float) -> int:
    """How many edges of a chunk a ray to the east crosses: an odd number of all means inside."""
    count = 0
    for k in range(_EDGES_A_CHUNK):
        x0, y0, x1, y1 = edges[0, k], edges[1, k], edges[2, k], edges[3, k]
        at = (x1 - x0) * (y - y0) / (y1 - y0) + x0
        count += ((y0 > y) != (y1 > y)) & (x < at)
    return count


@vector_kernel
def _squared(edges: Floats, y: float, x: float, narrow: float, room: Floats) -> float:
    """Squared distance from the nearest edge of a chunk, in degrees of latitude."""
    for k in range(_EDGES_A_CHUNK):
        x0, y0 = (edges[0, k] - x) * narrow, edges[1, k] - y
        along, up = (edges[2, k] - x) * narrow - x0, edges[3, k] - y - y0
        length = along * along + up * up
        share = min(max(-(x0 * along + y0 * up) / (length if length > 0.0 else 1.0), 0.0), 1.0)
        across, above = x0 + share * along, y0 + share * up
        room[k] = across * across + above * above
    least = room[0]
    for k in range(1, _EDGES_A_CHUNK):
        least = min(least, room[k])
    return float(least)
