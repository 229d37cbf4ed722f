"""The land under the maps, cut out of ``assets/land.npz``.

The asset holds the rings of Natural Earth's 1:10m land (public domain), simplified to half a kilometre by
``tools/build_report_assets.py``: ``starts`` (rings, 2) and ``lengths`` (rings) on a grid of 1/500 degree,
then the steps from point to point, ``east`` and ``north``, of all rings one after the other. Lakes are not in
it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hereabouts.report.geometry import View

STEPS_PER_DEGREE = 500
Points = NDArray[np.float64]


def land_in(view: View, finest: float) -> list[Points]:
    """Return the land's rings within a box.

    Parameters
    ----------
    view
        The box; may reach past 180 degrees.
    finest
        Points nearer than this (degrees, in both directions) to the one before them are left out.

    Returns
    -------
    list of (points, 2) arrays
        Longitude and latitude in degrees; even-odd filling gives the land (a ring in a ring is a hole).
    """
    rings: list[Points] = []
    for ring, low, high in _world():
        for turn in (-360.0, 0.0, 360.0):
            outside = (
                high[0] + turn < view.west or low[0] + turn > view.east or high[1] < view.south or low[1] > view.north
            )
            if not outside:
                clipped = _thinned(clip(ring + np.array((turn, 0.0)), view), finest)
                if len(clipped) >= 3:
                    rings.append(clipped)
    return rings


def clip(ring: Points, view: View) -> Points:
    """Return the part of a ring within a box (Sutherland and Hodgman 1974), shape (points, 2)."""
    for axis, limit, sign in ((0, view.west, 1), (0, view.east, -1), (1, view.south, 1), (1, view.north, -1)):
        if len(ring) == 0:
            break
        following = np.roll(ring, -1, axis=0)
        inside = sign * (ring[:, axis] - limit) >= 0
        crosses = inside != np.roll(inside, -1)
        rise = following[:, axis] - ring[:, axis]
        share = (limit - ring[:, axis]) / np.where(rise == 0, 1.0, rise)
        cut = ring + share[:, None] * (following - ring)
        cut[:, axis] = limit
        # Each point that is inside is kept, and followed by the point where its edge crosses the limit, if it
        # does.
        both = np.stack([ring, cut], axis=1).reshape(-1, 2)
        ring = both[np.stack([inside, crosses], axis=1).ravel()]
    return ring


def _thinned(ring: Points, finest: float) -> Points:
    keep = np.zeros(len(ring), dtype=bool)
    last: NDArray[np.float64] | None = None
    for index, point in enumerate(ring):
        if last is None or abs(point[0] - last[0]) > finest or abs(point[1] - last[1]) > finest:
            keep[index] = True
            last = point
    return ring[keep]


@cache
def _world() -> tuple[tuple[Points, Points, Points], ...]:
    """Return each ring with its lowest and highest corner."""
    asset = files("hereabouts.report").joinpath("assets", "land.npz")
    with asset.open("rb") as file, np.load(file) as arrays:
        starts, lengths = arrays["starts"].astype(np.int64), arrays["lengths"].astype(np.int64)
        steps = np.stack([arrays["east"], arrays["north"]], axis=1).astype(np.int64)
    ends = np.cumsum(lengths - 1)
    rings = []
    for start, length, end in zip(starts, lengths, ends, strict=True):
        walk = np.concatenate([start[None], steps[end - length + 1 : end]])
        ring = np.cumsum(walk, axis=0) / STEPS_PER_DEGREE
        rings.append((ring, ring.min(axis=0), ring.max(axis=0)))
    return tuple(rings)
