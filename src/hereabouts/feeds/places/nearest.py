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
from hereabouts.movement.kernel import Int32s, kernel

# Written out, as a kernel reads constants of its own file alone.
_EARTH_RADIUS = 6_371_008.8
_METRES_A_DEGREE = math.radians(_EARTH_RADIUS)
_EDGES_A_CHUNK = 16
_FACTS = 8
_FLAT_REACH, _FLAT_LATITUDE = 5_000.0, 80.0
_FLAT_ERROR = 2e-5

Facts = tuple[NDArray[np.bool_], Floats, Int64s, Floats, Floats]
"""What :func:`judge` knows of parts: which are areas; eight figures each; where the chunks of edges of each
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
        Edges come in chunks of 16, the last chunk of a part filled up with edges that are nowhere.
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
    first, boxes, edges = _chunks(parts)
    return parts.kind == AREA, table, first, boxes, edges


def _chunks(parts: Parts) -> tuple[Int64s, Floats, Floats]:
    count = np.diff(parts.first_edge)
    chunks = -(-count // _EDGES_A_CHUNK)
    first = np.concatenate([[0], np.cumsum(chunks)]).astype(np.int64)
    edges = np.full((int(first[-1]) * _EDGES_A_CHUNK, 4), np.nan)
    place = np.arange(len(parts.edges)) - np.repeat(parts.first_edge[:-1], count)
    edges[place + np.repeat(first[:-1] * _EDGES_A_CHUNK, count)] = parts.edges
    whole = edges.reshape(-1, _EDGES_A_CHUNK, 4)
    # fmin and fmax pass over what is nowhere; every chunk has an edge.
    low = np.fmin.reduce(np.fmin(whole[:, :, :2], whole[:, :, 2:]), axis=1)
    high = np.fmax.reduce(np.fmax(whole[:, :, :2], whole[:, :, 2:]), axis=1)
    return first, np.hstack([low, high]), edges


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
    for k in range(count):
        row, cell = near[k], cells[k]
        y, x = latitude[row], longitude[row]
        for c in range(starts[cell], starts[cell + 1]):
            part = candidates[c]
            gap = _gap(y, x, part, facts)
            if gap > facts[1][part, 3]:
                continue
            if best[row] < 0 or gap < gaps[row] or (gap == gaps[row] and _comes_first(y, x, part, best[row], facts)):
                best[row], gaps[row] = part, gap


@kernel
def _gap(y: float, x: float, part: int, facts: Facts) -> float:
    """Metres from a ping to the footprint of a part; infinite where it is certainly out of reach."""
    fact = facts[1][part]
    if facts[2][part] == facts[2][part + 1]:  # no edges: a point
        north, east = abs(y - fact[0]), abs(x - fact[1])
        if north > fact[4]:
            return math.inf
        if east > 180.0:
            east = 360.0 - east
        if north * north + east * east * fact[5] > fact[6]:
            return math.inf
        return float(max(_haversine(y, x, fact[0], fact[1]) - fact[2], 0.0))
    if x - fact[7] > 180.0:
        x -= 360.0
    elif x - fact[7] < -180.0:
        x += 360.0
    return float(max(_from_edges(y, x, part, facts) - fact[2], 0.0))


@kernel
def _comes_first(y: float, x: float, part: int, other: int, facts: Facts) -> bool:
    """Whether a part comes before another one that is equally far."""
    table = facts[1]
    this = _haversine(y, x, table[part, 0], table[part, 1])
    that = _haversine(y, x, table[other, 0], table[other, 1])
    return this < that or (this == that and part < other)


@kernel
def _haversine(y0: float, x0: float, y1: float, x1: float) -> float:
    """Metres between two positions in degrees, as :func:`hereabouts.hexagons.distance`."""
    start, end = math.radians(y0), math.radians(y1)
    up, across = math.sin((end - start) / 2.0), math.sin((math.radians(x1) - math.radians(x0)) / 2.0)
    chord = up * up + math.cos(start) * math.cos(end) * (across * across)
    return 2.0 * _EARTH_RADIUS * math.asin(math.sqrt(min(chord, 1.0)))


@kernel
def _from_edges(y: float, x: float, part: int, facts: Facts) -> float:
    """Metres from a ping to the edges of a line or area, 0 inside; infinite where all are out of reach."""
    areas, table, first, boxes, edges = facts
    area = areas[part]
    narrow = max(math.cos(math.radians(y)), 1e-12)
    reach = table[part, 4]
    aside = reach / narrow
    inside, least = False, math.inf
    for chunk in range(first[part], first[part + 1]):
        box = boxes[chunk]
        if y < box[1] - reach or y > box[3] + reach or x > box[2] + aside:
            continue
        beside = x >= box[0] - aside
        if not (beside or area):
            continue
        for edge in range(chunk * _EDGES_A_CHUNK, (chunk + 1) * _EDGES_A_CHUNK):
            x0, y0, x1, y1 = edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3]
            if math.isnan(x0):
                break
            # A ray to the east: an odd number of crossings means inside.
            if area and (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                inside = not inside
            if beside:
                least = min(least, _squared((x0 - x) * narrow, y0 - y, (x1 - x) * narrow, y1 - y))
    return 0.0 if inside else math.sqrt(least) * _METRES_A_DEGREE


@kernel
def _squared(x0: float, y0: float, x1: float, y1: float) -> float:
    """Squared distance of the origin from an edge."""
    along, up = x1 - x0, y1 - y0
    length = along * along + up * up
    share = 0.0 if length == 0.0 else min(max(-(x0 * along + y0 * up) / length, 0.0), 1.0)
    across, above = x0 + share * along, y0 + share * up
    return across * across + above * above
