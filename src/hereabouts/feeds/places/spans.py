"""Which cells of a grid a place touches: row by row, from the first column to the last.

More than the reach of each place is taken (:data:`PAD`), so that rounding lets no position slip through that
:mod:`hereabouts.feeds.places.nearest` would take to be at it.
"""

from __future__ import annotations

import math

import numpy as np

from hereabouts.feeds.places.shapes import POINT, Floats, Int64s, Parts
from hereabouts.hexagons import EARTH_RADIUS
from hereabouts.movement.kernel import kernel

PAD = 0.1
"""Metres that are added to every reach: a million times what is lost to rounding."""

_SLACK = 1e-9  # degrees


def spans_of(
    parts: Parts, reach: Floats, boxes: Floats, chosen: Int64s, rows: float, shift: int, columns: Floats
) -> Int64s:
    """Find the cells that parts touch.

    Parameters
    ----------
    parts
        The parts.
    reach
        Metres around each part within which a position may be at its place, shape (p,).
    boxes
        As :func:`reached` gives them.
    chosen
        The parts to look at.
    rows, shift, columns
        Rows a degree of latitude, log2 of the rows in a band, and columns a degree of longitude, by band.

    Returns
    -------
    int64[k, 4]
        Part, row, first column, last column.
    """
    most = int((np.floor((boxes[chosen, 3] - boxes[chosen, 1]) * rows) + 2).sum()) * 2
    spans = np.empty((most, 4), np.int64)
    count = _spans(
        chosen, parts.centre, parts.first_edge, parts.edges, boxes, _angle(reach), rows, shift, columns, spans
    )
    return spans[:count]


def reached(parts: Parts, reach: Floats) -> Floats:
    """Boxes that hold every position within reach of each part.

    Parameters
    ----------
    parts, reach
        As for :func:`levels_of`.

    Returns
    -------
    float64[p, 4]
        West, south, east, north in degrees; longitudes run on beyond 180, and a box 360 wide or wider goes round the
        globe.
    """
    angle = _angle(reach)
    high = np.degrees(angle)
    west, south, east, north = parts.box.T
    south, north = np.maximum(south - high, -90.0), np.minimum(north + high, 90.0)
    poleward = np.maximum(np.abs(south), np.abs(north))
    with np.errstate(divide="ignore", invalid="ignore"):
        # Around a point: the meridian that touches the circle. Around edges: as wide as the plane about a ping at
        # the most poleward position in reach would have it.
        touch = np.sin(angle) / np.cos(np.radians(np.abs(parts.box[:, 1])))
        around = np.where(poleward >= 90.0, 360.0, np.degrees(np.arcsin(np.minimum(touch, 1.0))))
        beside = np.where(poleward >= 90.0, 360.0, high / np.cos(np.radians(np.minimum(poleward, 90.0))))
    wide = np.where(parts.kind == POINT, around, beside) * (1.0 + _SLACK) + _SLACK
    return np.column_stack([west - wide, south, east + wide, north])


def _angle(reach: Floats) -> Floats:
    return (reach + PAD) / EARTH_RADIUS


def columns_of(rows: int, shift: int) -> Floats:
    """Columns a degree of longitude by band, one band more for latitude 90 itself."""
    high = 2.0**shift / rows
    south = np.arange(-90.0, 90.0, high)
    nearest = np.where(south >= 0.0, south, np.where(south + high <= 0.0, south + high, 0.0))
    wide = rows * np.cos(np.radians(nearest))
    return np.append(wide, wide[-1])


@kernel
def _spans(
    chosen: Int64s,
    centres: Floats,
    first_edge: Int64s,
    edges: Floats,
    boxes: Floats,
    angles: Floats,
    rows: float,
    shift: int,
    columns: Floats,
    spans: Int64s,
) -> int:
    """Write which cells parts touch, row by row: part, row, first column, last column."""
    count = 0
    for part in chosen:
        south, north = boxes[part, 1], boxes[part, 3]
        bottom, top = int((south + 90.0) * rows), int((north + 90.0) * rows)
        low, high = np.full(top - bottom + 1, np.inf), np.full(top - bottom + 1, -np.inf)
        if first_edge[part] == first_edge[part + 1]:  # no edges: a point
            _reach_around(centres[part, 0], centres[part, 1], angles[part], rows, bottom, low, high)
        else:
            pad = math.degrees(angles[part])
            for edge in range(first_edge[part], first_edge[part + 1]):
                _reach_beside(edges[edge], pad, rows, bottom, low, high)
        for row in range(bottom, top + 1):
            a, b = low[row - bottom], high[row - bottom]
            if a > b:
                continue
            per_degree = columns[row >> shift]
            if b - a >= 360.0:
                a, b = -180.0, 180.0
            turn = 360.0 * math.floor((a + 180.0) / 360.0)
            a, b = a - turn, b - turn
            spans[count] = (part, row, int((a + 180.0) * per_degree), int((min(b, 180.0) + 180.0) * per_degree))
            count += 1
            if b > 180.0:
                spans[count] = (part, row, 0, int((b - 180.0) * per_degree))
                count += 1
    return count


@kernel
def _reach_around(
    latitude: float, longitude: float, angle: float, rows: float, bottom: int, low: Floats, high: Floats
) -> None:
    """Longitudes in each row that a circle about a point reaches, by the haversine formula."""
    for k in range(low.size):
        south, north = (bottom + k) / rows - 90.0, (bottom + k + 1) / rows - 90.0
        away = max(south - latitude, latitude - north, 0.0)
        left = math.sin(angle / 2.0) ** 2 - math.sin(math.radians(away) / 2.0) ** 2
        if left < 0.0:
            continue
        poleward = min(max(abs(south), abs(north)), 90.0)
        across = math.cos(math.radians(latitude)) * math.cos(math.radians(poleward))
        wide = 180.0 if left >= across else math.degrees(2.0 * math.asin(math.sqrt(left / across))) + _SLACK
        low[k], high[k] = longitude - wide, longitude + wide


@kernel
def _reach_beside(edge: Floats, pad: float, rows: float, bottom: int, low: Floats, high: Floats) -> None:
    """Widen the longitudes of each row by what an edge reaches, in the plane about any position in that row."""
    x0, y0, x1, y1 = edge
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    first = max(int((y0 - pad + 90.0) * rows) - bottom, 0)
    last = min(int((y1 + pad + 90.0) * rows) - bottom, low.size - 1)
    for k in range(first, last + 1):
        south, north = (bottom + k) / rows - 90.0, (bottom + k + 1) / rows - 90.0
        # The piece of the edge that lies within the pad of this row.
        begin, end = x0, x1
        if y1 > y0:
            begin = x0 + (x1 - x0) * min(max((south - pad - y0) / (y1 - y0), 0.0), 1.0)
            end = x0 + (x1 - x0) * min(max((north + pad - y0) / (y1 - y0), 0.0), 1.0)
        narrow = math.cos(math.radians(min(max(abs(south), abs(north)), 90.0)))
        wide = 360.0 if pad >= 360.0 * narrow else pad / narrow + _SLACK
        low[k] = min(low[k], min(begin, end) - wide)
        high[k] = max(high[k], max(begin, end) + wide)
