"""Canaries (SL-TEST): pings planted at listed places, which must not pass, and controls beside them, which must.

Where each canary ought to count is found by :mod:`hereabouts.feeds.places.reference`, not by the gate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.reference import nearest_places
from hereabouts.feeds.places.shapes import Floats, Parts, parts_of
from hereabouts.hexagons import EARTH_RADIUS

INSIDE, EDGE, MARGIN = "inside the footprint", "at its edge", "just within the margin"
KINDS = (INSIDE, EDGE, MARGIN)

_INWARD = 0.5
"""Metres by which a canary stands within the margin, and less where that is narrow."""
_OUTWARD = (100.0, 1_000.0, 10_000.0, 100_000.0)
"""Metres outside the margin at which a free spot for a control is looked for."""
_METRES_A_DEGREE = math.radians(EARTH_RADIUS)
_HIGH = 85.0
_NUDGE = 1e-9


@dataclass(frozen=True)
class Canaries:
    """Planted pings, n of them, and controls, m of them.

    Attributes
    ----------
    category
        The category at which each was planted.
    kind
        Where at a place of it, one of :data:`KINDS`.
    position
        Latitude and longitude in WGS84 degrees, shape (n, 2).
    expected
        The category under which each ought to be counted: that of the nearest place, which may be another one.
    controls
        Latitudes and longitudes outside every margin, shape (m, 2).
    """

    category: tuple[str, ...]
    kind: tuple[str, ...]
    position: Floats
    expected: tuple[str, ...]
    controls: Floats


def plant(places: PlaceList, most: int) -> Canaries:
    """Plant canaries at places of every category of a list, three at each place.

    Parameters
    ----------
    places
        The list.
    most
        Most places of a category, taken evenly from the list.
    """
    parts = parts_of(places.shape)
    of_parts = np.array(places.category)[parts.shape]
    chosen = [part for name in places.counts() for part in _some(np.flatnonzero(of_parts == name), most).tolist()]
    category, kind, position, free = [], [], [], []
    for turn, part in enumerate(chosen):
        radius, margin = float(places.radius[parts.shape[part]]), float(places.margin[parts.shape[part]])
        spots = {
            INSIDE: _inside(parts, part),
            EDGE: _away(parts, part, max(radius - 1e-3, 0.0), turn),
            MARGIN: _away(parts, part, radius + margin - min(_INWARD, margin / 2.0), turn),
        }
        for where, spot in spots.items():
            category.append(places.category[parts.shape[part]])
            kind.append(where)
            position.append(spot)
        free.append(_control(places, parts, part, radius + margin, turn))
    positions = np.array(position).reshape(-1, 2)
    nearest = nearest_places(places, positions[:, 0], positions[:, 1], parts)
    expected = tuple(places.category[place] if place >= 0 else "" for place in nearest.tolist())
    controls = np.array([spot for spot in free if spot is not None]).reshape(-1, 2)
    return Canaries(tuple(category), tuple(kind), positions, expected, controls)


def _some(parts: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Up to `most` of some parts, evenly from the first to the last."""
    if len(parts) <= most:
        return parts
    return parts[np.unique(np.linspace(0, len(parts) - 1, most).round().astype(np.int64))]


def _inside(parts: Parts, part: int) -> tuple[float, float]:
    longitude, latitude = shapely.get_coordinates(shapely.point_on_surface(parts.geometry[part]))[0].tolist()
    return _spot(latitude, longitude)


def _away(parts: Parts, part: int, metres: float, turn: int) -> tuple[float, float]:
    """A spot so far from a part, north, east, south or west of it by turns.

    From the northernmost corner straight to the north, no other one is nearer; so too in the other directions.
    """
    corners = shapely.get_coordinates(parts.geometry[part])
    direction = turn % 4
    if parts.box[part, 3] > _HIGH or parts.box[part, 1] < -_HIGH:
        direction = 2 if parts.box[part, 3] > _HIGH else 0  # away from the pole
    if direction in {0, 2}:
        up = 1.0 if direction == 0 else -1.0
        longitude, latitude = corners[np.argmax(up * corners[:, 1])].tolist()
        return _spot(latitude + up * metres / _METRES_A_DEGREE, longitude)
    right = 1.0 if direction == 1 else -1.0
    longitude, latitude = corners[np.argmax(right * corners[:, 0])].tolist()
    return _spot(latitude, longitude + right * metres / _METRES_A_DEGREE / math.cos(math.radians(latitude)))


def _spot(latitude: float, longitude: float) -> tuple[float, float]:
    if latitude == longitude == 0.0:
        return _NUDGE, 0.0  # exactly 0,0 is no position
    return latitude, (longitude + 180.0) % 360.0 - 180.0 if abs(longitude) > 180.0 else longitude


def _control(places: PlaceList, parts: Parts, part: int, reach: float, turn: int) -> tuple[float, float] | None:
    """A spot near a place and at none; ``None`` where there is none for a long way."""

    def spots() -> Iterator[tuple[float, float]]:
        for outward in _OUTWARD:
            for direction in range(4):
                yield _away(parts, part, reach + outward, turn + direction)

    for latitude, longitude in spots():
        if abs(latitude) < 90.0 and nearest_places(places, np.array([latitude]), np.array([longitude]), parts)[0] < 0:
            return latitude, longitude
    return None
