"""How far positions are from places, and which place each is at.

The distance of a ping from a geometry is the haversine distance for a point, and for lines and areas 0 inside
an area and else the distance to the nearest edge in the equirectangular plane about the ping (x: degrees of
longitude times the cosine of the ping's latitude), on a globe of radius 6,371,008.8 m. The gap to the
footprint is that less the radius, and never negative. The ping is at the place when the gap is at most the
margin. Of several places the one with the smallest gap counts; of equal gaps the one whose centre (the middle
of the bounding box of the part) is nearest, and then the first in the list.
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
_FACTS = 9
_FLAT_REACH, _FLAT_LATITUDE = 5_000.0, 80.0
_FLAT_ERROR = 2e-5

Facts = tuple[NDArray[np.bool_], Floats, Int64s, Floats, Floats]
"""What :func:`judge` knows of parts: which are areas; nine figures each; where the chunks of edges of each
begin; the chunks' boxes; the edges, chunk by chunk.

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
    reach = (radius + margin + PAD) / _METRES_A_DEGREE
    latitude, longitude = parts.centre.T
    poleward = np.radians(np.minimum(np.abs(latitude) + reach, 90.0))
    # Where a circle is small and no pole is near, the plane tells what is certainly outside: half the angles are
    # under 0.0023, so that sin(x)^2 > x^2 (1 - x^2 / 3), and the haversine of what is outside is too large.
    flat = (radius + margin <= _FLAT_REACH) & (np.abs(latitude) <= _FLAT_LATITUDE)
    table = np.empty((len(parts), _FACTS))
    table[:, 0], table[:, 1], table[:, 2], table[:, 3] = latitude, longitude, radius, margin
    table[:, 4] = reach
    table[:, 5] = np.cos(np.radians(latitude)) * np.cos(poleward)
    table[:, 6] = np.where(flat, reach**2 * (1.0 + _FLAT_ERROR), np.inf)
    table[:, 7] = (parts.box[:, 0] + parts.box[:, 2]) / 2.0
    table[:, 8] = np.cos(np.radians(latitude))
    first, boxes, edges = _chunks(parts)
    return parts.kind == AREA, table, first, boxes, edges


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
        The gap to it in metres; what it holds where there is none means nothing.
    """
    room = np.empty(_EDGES_A_CHUNK)
    for k in range(count):
        row, cell = near[k], cells[k]
        y, x = latitude[row], longitude[row]
        narrow = math.cos(math.radians(y))
        for c in range(starts[cell], starts[cell + 1]):
            part = candidates[c]
            gap = _gap(y, x, narrow, part, facts, room)
            if gap > facts[1][part, 3]:
                continue
            if (
                best[row] < 0
                or gap < gaps[row]
                or (gap == gaps[row] and _comes_first(y, x, narrow, part, best[row], facts))
            ):
                best[row], gaps[row] = part, gap


@kernel
def _gap(y: float, x: float, narrow: float, part: int, facts: Facts, room: Floats) -> float:
    """Metres from a ping, and the cosine of its latitude, to a footprint; infinite where it is clearly out of reach."""
    fact = facts[1][part]
    if facts[2][part] == facts[2][part + 1]:  # no edges: a point
        north, east = abs(y - fact[0]), abs(x - fact[1])
        if north > fact[4]:
            return math.inf
        if east > 180.0:
            east = 360.0 - east
        if north * north + east * east * fact[5] > fact[6]:
            return math.inf
        return float(max(_haversine(y, x, narrow, fact) - fact[2], 0.0))
    if x - fact[7] > 180.0:
        x -= 360.0
    elif x - fact[7] < -180.0:
        x += 360.0
    return float(max(_from_edges(y, x, narrow, part, facts, room) - fact[2], 0.0))


@kernel
def _comes_first(y: float, x: float, narrow: float, part: int, other: int, facts: Facts) -> bool:
    """Whether a part comes before another one that is equally far."""
    this = _haversine(y, x, narrow, facts[1][part])
    that = _haversine(y, x, narrow, facts[1][other])
    return this < that or (this == that and part < other)


@kernel
def _haversine(y: float, x: float, narrow: float, fact: Floats) -> float:
    """Metres from a ping to a part's centre, as :func:`hereabouts.hexagons.distance`."""
    up = math.sin((math.radians(fact[0]) - math.radians(y)) / 2.0)
    across = math.sin((math.radians(fact[1]) - math.radians(x)) / 2.0)
    chord = up * up + narrow * fact[8] * (across * across)
    return 2.0 * _EARTH_RADIUS * math.asin(math.sqrt(min(chord, 1.0)))


@kernel
def _from_edges(y: float, x: float, narrow: float, part: int, facts: Facts, room: Floats) -> float:
    """Metres from a ping to the edges of a line or area, 0 inside; infinite where all are out of reach."""
    areas, table, first, boxes, edges = facts
    area = areas[part]
    narrow = max(narrow, 1e-12)
    reach = table[part, 4]
    aside = reach / narrow
    crossings, least = 0, math.inf
    for chunk in range(first[part], first[part + 1]):
        box = boxes[chunk]
        if y < box[1] - reach or y > box[3] + reach or x > box[2] + aside:
            continue
        if area and box[1] <= y <= box[3]:
            crossings += _crossings(edges[chunk], y, x)
        if x >= box[0] - aside:
            least = min(least, _squared(edges[chunk], y, x, narrow, room))
    return 0.0 if crossings % 2 else math.sqrt(least) * _METRES_A_DEGREE


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
