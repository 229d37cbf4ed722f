"""Trajectory recovery: traces that are put together from nothing but counts (Xu et al. 2017).

People are few in most cells and move little from one hour to the next. So whoever has the counts of each hour can lay
out as many positions as there are people, and join those of one hour to those of the next at the least cost, as a
matching (the Hungarian method): by night the cost is the distance to the last place, by day the distance to where the
last step would lead if it were made again. Which person a joined track is of is not known; the rate is that of hours
that are right where tracks and true traces are matched as well as can be.

It is tried on a group of the release's own devices, as if the release had been of these alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from hereabouts.hexagons import EARTH_RADIUS, centres_of

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 200
"""Devices in the group: the matching takes the cube of them."""
_NIGHT = frozenset(range(7)) | {23}


@dataclass(frozen=True, repr=False)
class Group:
    """Devices whose places are known in every hour, for the trial.

    Attributes
    ----------
    place
        Positions in the domain, shape (devices, hours).
    cells
        How many cells the domain has.
    """

    place: Integers
    cells: int

    @property
    def counts(self) -> Integers:
        """How many are in each cell in each hour, shape (cells, hours)."""
        hours = self.place.shape[1]
        columns = [np.bincount(self.place[:, hour], minlength=self.cells) for hour in range(hours)]
        return np.asarray(np.stack(columns, axis=1)).astype(np.int64)


def group_of(start: Integers, entry: Integers, cells: int, hours: int) -> Group:
    """The devices that are seen in most hours, at most :data:`MOST`, and in half of the hours at least.

    An hour in which one is not seen has its last place, as a phone would that is switched off there.

    Parameters
    ----------
    start, entry
        Presence of a sample of devices, as in :class:`~hereabouts.risk.attack.pieces.Vectors`.
    cells, hours
        The shape of presence.
    """
    seen = np.diff(start)
    chosen = np.argsort(-seen, kind="stable")[:MOST]
    chosen = chosen[seen[chosen] >= hours / 2]
    place = np.empty((chosen.size, hours), dtype=np.int64)
    for row, device in enumerate(chosen.tolist()):
        cell, hour = np.divmod(entry[start[device] : start[device + 1]], hours)
        order = np.argsort(hour)
        last = np.maximum(np.searchsorted(hour[order], np.arange(hours), side="right") - 1, 0)
        place[row] = cell[order][last]
    return Group(place, cells)


def apportioned(shares: Floats, people: int) -> Integers:
    """Whole positions for so many people in each hour, by what is published: largest remainders; shape of `shares`.

    An hour of which nothing is published has everybody where they were published to be in all other hours.
    """
    whole = np.maximum(shares, 0.0)
    nothing = whole.sum(axis=0) <= 0
    whole[:, nothing] = (whole.sum(axis=1) if (~nothing).any() else np.ones(len(whole)))[:, None]
    quota = whole * (people / whole.sum(axis=0))
    found: Integers = np.floor(quota).astype(np.int64)
    for hour, left in enumerate((people - found.sum(axis=0)).tolist()):
        found[np.argsort(found[:, hour] - quota[:, hour], kind="stable")[:left], hour] += 1
    return found


def recovered(counts: Integers, domain: Cells, hour_of_day: Integers) -> Integers:
    """Tracks that are joined from counts, shape (people, hours): positions in the domain.

    Parameters
    ----------
    counts
        Shape (cells, hours); every hour adds up to the same number of people.
    domain
        The cells.
    hour_of_day
        What the clock shows in each hour, shape (hours,).
    """
    metres = _plane(centres_of(domain))
    hours = counts.shape[1]
    first = np.repeat(np.arange(len(counts)), counts[:, 0])
    tracks = np.empty((first.size, hours), dtype=np.int64)
    tracks[:, 0] = first
    for hour in range(1, hours):
        there = np.repeat(np.arange(len(counts)), counts[:, hour])
        ahead = metres[tracks[:, hour - 1]]
        if hour > 1 and int(hour_of_day[hour]) not in _NIGHT:
            ahead = 2.0 * ahead - metres[tracks[:, hour - 2]]
        cost = np.linalg.norm(ahead[:, None, :] - metres[there][None, :, :], axis=2)
        row, column = linear_sum_assignment(cost)
        tracks[row, hour] = there[column]
    return tracks


def shuffled(counts: Integers, rng: np.random.Generator) -> Integers:
    """Tracks that are joined by chance: what counts alone give away, without any thought."""
    hours = counts.shape[1]
    columns = [rng.permutation(np.repeat(np.arange(len(counts)), counts[:, hour])) for hour in range(hours)]
    return np.stack(columns, axis=1)


def rates(tracks: Integers, truth: Integers) -> Floats:
    """The share of hours in which each true trace's track is right, matched as well as can be; shape (people,)."""
    right = np.stack([(tracks == trace).mean(axis=1) for trace in truth])
    row, column = linear_sum_assignment(-right)
    return np.asarray(right[row, column])


def _plane(degrees: Floats) -> Floats:
    """Positions in metres from the middle; regions are small, and distances are only compared."""
    middle = degrees.mean(axis=0)
    scale = np.radians(1.0) * EARTH_RADIUS * np.array([1.0, np.cos(np.radians(middle[0]))])
    return np.asarray((degrees - middle) * scale)
