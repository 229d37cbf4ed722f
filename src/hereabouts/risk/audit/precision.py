"""How precise coordinates are: the coarsest grid on which nearly all of them lie.

Decimal places and grids are one question: what is rounded to three decimals lies on a grid of 0.001 degrees. It says
how finely positions are told, not how well they were measured.
"""

from __future__ import annotations

import math

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import centres_of, distance
from hereabouts.movement.kernel import Floats
from hereabouts.risk.audit.result import Finding
from hereabouts.risk.figures import TOO_FEW_FOR_SHARES, Figure, Procedure, not_told, quantity
from hereabouts.risk.reading import Seen, mixed_positions
from hereabouts.rules.fewest import FEWEST

GRID = Procedure(
    "coarsest grid on which a position of each device lies, drawn at random, of all but 5 % or 19", "hereabouts"
)

SAMPLE = 20_000
"""Devices that are looked at."""

_WIDTH = "width in metres of the grid of positions"
_OFF = 0.05
_STEPS = [digit * 10.0**-places for places in range(8) for digit in (5, 2, 1)]
_TOLERANCE = 1e-3
"""Of a step: what rounding to binary leaves, and less than chance would be seen by."""

_METRES_A_DEGREE = 111_195.0
_HEXAGONS = range(4, 13)
_NEAR_METRES = 1.0
_NOT_MET = np.uint64(2**64 - 1)


class PositionSample:
    """One position of each device, of those that go by; not whose it is.

    One of each, so that none has a say for many: by pings, a phone that reports every second would decide alone. Which
    one is drawn by a hash of the position, and not by where it stands in the file: the first rows may be coarser.
    """

    def __init__(self) -> None:
        self._rank, self._held = np.zeros(0, np.uint64), np.zeros((0, 2))

    def look(self, seen: Seen) -> None:
        """Keep, of each device, the position of the lowest hash so far."""
        missing = int(seen.device.max(initial=-1)) + 1 - len(self._rank)
        if missing > 0:
            more = missing + len(self._rank)
            self._rank = np.concatenate([self._rank, np.full(more, _NOT_MET, np.uint64)])
            self._held = np.concatenate([self._held, np.zeros((more, 2))])
        rank = mixed_positions(seen)
        lower = np.flatnonzero(rank < self._rank[seen.device])
        rows = lower[np.argsort(rank[lower])[::-1]]  # of several of a device, the lowest is written last
        self._rank[seen.device[rows]] = rank[rows]
        self._held[seen.device[rows]] = np.column_stack([seen.latitude[rows], seen.longitude[rows]])

    @property
    def positions(self) -> Floats:
        """Latitude and longitude in degrees of up to :data:`SAMPLE` devices, evenly of all, float64[n, 2]."""
        found = self._held[self._rank < _NOT_MET]
        return found[:: max(1, -(-len(found) // SAMPLE))]


def precision_of(positions: Floats) -> tuple[Figure, Finding]:
    """Say how precise positions are.

    Parameters
    ----------
    positions
        Latitude and longitude in degrees, one of each device, float64[n, 2]: nothing is told of fewer than 40.
    """
    devices = len(positions)
    if devices < 2 * FEWEST:
        figure = not_told(_WIDTH, GRID, TOO_FEW_FOR_SHARES)
        return figure, Finding(
            "precision of coordinates", f"{TOO_FEW_FOR_SHARES}.".capitalize(), GRID.name, GRID.source
        )
    step = next((step for step in _STEPS if _holds(positions, step)), None)
    hexagons = next((resolution for resolution in _HEXAGONS if _centred(positions, resolution)), None)
    if hexagons is not None:
        metres = across(hexagons)
        words = f"Positions are centres of H3 cells of resolution {hexagons}, some {_rounded(metres)} wide"
    elif step is None:
        metres = _STEPS[-1] * _METRES_A_DEGREE
        words = "Positions have more than seven decimal places: they are told to a centimetre or finer"
    else:
        metres = step * _METRES_A_DEGREE
        places = max(0, math.ceil(-math.log10(step) - 1e-9))
        plural = "decimal place" if places == 1 else "decimal places"
        grid = f"a grid of {step:.{places}f} degrees, some {_rounded(metres)} wide"
        words = f"Positions have {places} {plural}: they lie on {grid}"
    return _told(metres, words, devices)


def precision_of_cells(resolution: int, devices: int) -> tuple[Figure, Finding]:
    """Say the same of a sealed window, which has cells alone."""
    metres = across(resolution)
    words = f"Positions are not kept: there are H3 cells of resolution {resolution}, some {_rounded(metres)} wide"
    return _told(metres, words, devices)


def across(resolution: int) -> float:
    """Metres from side to side of a mean hexagon."""
    return math.sqrt(2.0 * float(h3.average_hexagon_area(resolution, unit="m^2")) / math.sqrt(3.0))


def _told(metres: float, words: str, devices: int) -> tuple[Figure, Finding]:
    text = f"{words}. That is how finely they are told, not how well they were measured."
    figure = quantity(_WIDTH, metres, metres, metres, devices, GRID)
    return figure, Finding("precision of coordinates", text, GRID.name, GRID.source)


def _holds(positions: Floats, step: float) -> bool:
    """Whether nearly all positions are multiples of a step."""
    ratio = positions / step
    return _nearly_all(np.atleast_1d((np.abs(ratio - np.rint(ratio)) < _TOLERANCE).all(axis=1)))


def _centred(positions: Floats, resolution: int) -> bool:
    """Whether nearly all positions are centres of their cells."""
    some = positions[:1000]
    cells = np.array([h3.latlng_to_cell(*position, resolution) for position in some.tolist()], np.uint64)
    return _nearly_all(np.atleast_1d(distance(centres_of(cells), some)) < _NEAR_METRES)


def _nearly_all(on: NDArray[np.bool_]) -> bool:
    """Whether all but 5 % are, or all but fewer than 20 devices: as few say nothing of a data set."""
    return int(np.count_nonzero(~on)) <= max(_OFF * len(on), FEWEST - 1)


def _rounded(metres: float) -> str:
    if metres >= 1000:
        return f"{metres / 1000:.2g} km" if metres < 99_500 else f"{metres / 1000:,.0f} km"
    return f"{metres:.2g} m" if metres < 99.5 else f"{metres:.0f} m"
