"""Whether the cells in which a device is most by night and by day single it out, and whether one gives the other away.

Golle and Partridge (2009) showed that the pair alone is unique for many people. Rates alone are worked out here, in
memory: which cells they are is forgotten, and nothing is kept for any device.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hereabouts.risk.audit.hours import DAY, NIGHT, hours_seen, night_and_day, top_two
from hereabouts.risk.audit.unicity import RESOLUTIONS
from hereabouts.risk.figures import Figure, Procedure, share
from hereabouts.risk.traces import Traces

UNIQUE_CELLS = Procedure(
    "uniqueness of the most visited cells by night (21 to 6) and day (9 to 17)",
    "Golle and Partridge 2009, On the Anonymity of Home/Work Location Pairs",
)
GUESSING = Procedure(
    "guess of the most visited day cell from the two most visited night cells",
    "Giomi et al. 2023, Anonymeter (inference), against devices that are not in the data",
)
GUESSED_AT = 8
"""H3 resolution of cells that are guessed: hexagons of about 0.7 km²."""

Cells = NDArray[np.int32]


class Tops(NamedTuple):
    """The two most visited cells of devices that have a night cell and a day cell, int32[n, 2]; -1 for none."""

    device: NDArray[np.int64]
    night: Cells
    day: Cells


def tops(traces: Traces, resolution: int) -> Tops:
    """Find the most visited cells of a resolution."""
    seen = hours_seen(traces, resolution, night_and_day())
    night, day = top_two(seen, NIGHT), top_two(seen, DAY)
    both = np.flatnonzero((night[:, 0] >= 0) & (day[:, 0] >= 0))
    return Tops(both, night[both], day[both])


def unique_tops(traces: Traces) -> tuple[Figure, ...]:
    """Measure in which share of devices the most visited cells are theirs alone, at every resolution there is."""
    figures = []
    for resolution in RESOLUTIONS:
        if resolution <= traces.resolution:
            found = tops(traces, resolution)
            n = len(found.device)
            one = _alone(np.column_stack([found.night[:, 0], found.day[:, 0]]))
            # The two are a set: which was visited a little more is chance.
            two = _alone(np.column_stack([np.sort(found.night, axis=1), np.sort(found.day, axis=1)]))
            figures += [
                share(f"most visited night cell and day cell unique, H3 {resolution}", one, n, UNIQUE_CELLS),
                share(f"two most visited night cells and day cells unique, H3 {resolution}", two, n, UNIQUE_CELLS),
            ]
    return tuple(figures)


def guessing(traces: Traces, attacked: NDArray[np.bool_]) -> Figure:
    """Measure how often the day cell is guessed from the night cells.

    The guess is what most of those devices that are attacked have, of the same two night cells, or where there are
    none, of the same first one. Targets are among them: this is the risk of being in the data. The control has the
    same guesses for devices that are not: what holds for them holds for everybody.

    Parameters
    ----------
    traces
        The data set.
    attacked
        Which devices the attacker has the data of, bool[devices].
    """
    found = tops(traces, min(GUESSED_AT, traces.resolution))
    inside = attacked[found.device]
    both = found.night.astype(np.int64) @ np.array([1 << 32, 1])
    first = found.night[:, 0].astype(np.int64)
    secret = found.day[:, 0].astype(np.int64)
    guess = _modes(both[inside], secret[inside], both)
    guess = np.where(guess < 0, _modes(first[inside], secret[inside], first), guess)
    right = guess == secret
    n = int(inside.sum())
    control = share(
        "the same for devices that are not in the data", int(right[~inside].sum()), len(right) - n, GUESSING
    )
    return share("day cell guessed from night cells", int(right[inside].sum()), n, GUESSING, control)


def _alone(rows: Cells) -> int:
    """How many rows there are only once."""
    if not len(rows):
        return 0
    _, counts = np.unique(rows, axis=0, return_counts=True)
    return int(np.count_nonzero(counts == 1))


def _modes(keys: NDArray[np.int64], values: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The commonest value of each wanted key, the smallest of several; -1 where there is no such key."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    pairs, counts = np.unique(np.column_stack([keys, values]), axis=0, return_counts=True)
    order = np.lexsort((pairs[:, 1], -counts, pairs[:, 0]))
    best = pairs[order]
    known, place = np.unique(best[:, 0], return_index=True)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, best[place[at], 1], -1)
