"""Which place a ping is at, computed a second time, plainly: every ping against every place.

It holds the gate to the definition in :mod:`hereabouts.feeds.places.nearest`, in the tests and in ``places
test`` (SL-TEST), and shares neither its grid nor its kernels. Slow: some milliseconds a ping.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.shapes import AREA, POINT, Floats, Parts, parts_of
from hereabouts.hexagons import EARTH_RADIUS, distance

_METRES_A_DEGREE = np.radians(EARTH_RADIUS)


def nearest_places(
    places: PlaceList, latitude: Floats, longitude: Floats, parts: Parts | None = None
) -> NDArray[np.int64]:
    """Give the place that each ping is at.

    Parameters
    ----------
    places
        The list.
    latitude, longitude
        WGS84 degrees, shape (n,).
    parts
        The list's parts, where they are at hand.

    Returns
    -------
    int64[n]
        Place in the list, -1 for none.
    """
    parts = parts or parts_of(places.shape)
    found = [_nearest(places, parts, y, x) for y, x in zip(latitude.tolist(), longitude.tolist(), strict=True)]
    return np.array(found, np.int64)


def gaps(parts: Parts, radius: Floats, latitude: float, longitude: float) -> Floats:
    """Metres from a ping to the footprint of each part.

    Parameters
    ----------
    parts
        The parts, p of them.
    radius
        Metres, shape (p,).
    latitude, longitude
        The ping, WGS84 degrees.
    """
    here = np.array([[latitude, longitude]])
    away = np.where(parts.kind == POINT, distance(here, parts.centre), np.inf)
    owner = np.repeat(np.arange(len(parts)), np.diff(parts.first_edge))
    if len(owner):
        middle = ((parts.box[:, 0] + parts.box[:, 2]) / 2.0)[owner]
        x = longitude + 360.0 * np.where(
            longitude - middle > 180.0, -1.0, np.where(longitude - middle < -180.0, 1.0, 0)
        )
        x0, y0, x1, y1 = parts.edges.T
        np.minimum.at(away, owner, _from_edges(x0 - x, y0 - latitude, x1 - x, y1 - latitude, np.radians(latitude)))
        straddles = (y0 > latitude) != (y1 > latitude)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossed = straddles & (x < (x1 - x0) * (latitude - y0) / (y1 - y0) + x0)
        crossings = np.bincount(owner, crossed, len(parts))
        away[(parts.kind == AREA) & (crossings % 2 == 1)] = 0.0
    return np.maximum(away - radius, 0.0)


def _from_edges(x0: Floats, y0: Floats, x1: Floats, y1: Floats, latitude: float) -> Floats:
    """Metres from the origin to edges, in degrees about it."""
    narrow = max(np.cos(latitude), 1e-12)
    a, b = (x0 * narrow) + 1j * y0, (x1 * narrow) + 1j * y1
    along = b - a
    length = along.real**2 + along.imag**2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = -(a.real * along.real + a.imag * along.imag) / length
    nearest = a + np.where(length > 0.0, np.clip(share, 0.0, 1.0), 0.0) * along
    return np.asarray(np.abs(nearest) * _METRES_A_DEGREE)


def _nearest(places: PlaceList, parts: Parts, latitude: float, longitude: float) -> int:
    parts = _in_reach_north_and_south(places, parts, latitude)
    gap = gaps(parts, places.radius[parts.shape], latitude, longitude)
    at = np.flatnonzero(gap <= places.margin[parts.shape])
    if not len(at):
        return -1
    centre = distance(np.array([[latitude, longitude]]), parts.centre[at])
    return int(parts.shape[at[np.lexsort((at, centre, gap[at]))[0]]])


def _in_reach_north_and_south(places: PlaceList, parts: Parts, latitude: float) -> Parts:
    """Leave out parts whose latitudes alone are too far: of a country's places nearly all."""
    reach = (places.radius + places.margin)[parts.shape] / _METRES_A_DEGREE + 1e-6
    keep = np.flatnonzero((parts.box[:, 1] - reach <= latitude) & (latitude <= parts.box[:, 3] + reach))
    counts = np.diff(parts.first_edge)[keep]
    edges = np.repeat(parts.first_edge[keep] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    return Parts(
        parts.shape[keep],
        parts.kind[keep],
        parts.box[keep],
        np.concatenate([[0], np.cumsum(counts)]),
        parts.edges[edges],
        parts.geometry[keep],
    )
