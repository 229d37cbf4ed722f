"""How precise coordinates are: the coarsest grid on which nearly all of them lie.

Decimal places and grids are one question: what is rounded to three decimals lies on a grid of 0.001 degrees. It says
how finely positions are told, not how well they were measured.
"""

from __future__ import annotations

import math

import h3.api.numpy_int as h3
import numpy as np

from hereabouts.hexagons import centres_of, distance
from hereabouts.movement.kernel import Floats
from hereabouts.risk.audit.result import Finding
from hereabouts.risk.figures import Figure, Procedure, quantity
from hereabouts.risk.reading import Seen

GRID = Procedure("coarsest grid that holds 95 % of a sample of positions", "hereabouts")

SAMPLE = 20_000
"""Positions that are looked at."""

_SHARE = 0.95
_STEPS = [digit * 10.0**-places for places in range(8) for digit in (5, 2, 1)]
_TOLERANCE = 1e-3
"""Of a step: what rounding to binary leaves, and less than chance would be seen by."""

_METRES_A_DEGREE = 111_195.0
_HEXAGONS = range(4, 13)
_NEAR_METRES = 1.0


class PositionSample:
    """A uniform sample of the positions that go by, some thousands of them, and not whose they are.

    Parameters
    ----------
    seed
        By which they are drawn.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 95])
        self._lot = np.empty(0)
        self.positions = np.empty((0, 2))

    def look(self, seen: Seen) -> None:
        """Draw a lot for each position, and keep those of the lowest."""
        lot = self._rng.random(len(seen.latitude))
        limit = self._lot.max() if len(self._lot) == SAMPLE else 1.0
        rows = np.flatnonzero(lot < limit)
        lots = np.concatenate([self._lot, lot[rows]])
        positions = np.concatenate([self.positions, np.column_stack([seen.latitude[rows], seen.longitude[rows]])])
        kept = np.argpartition(lots, SAMPLE)[:SAMPLE] if len(lots) > SAMPLE else slice(None)
        self._lot, self.positions = lots[kept], positions[kept]


def precision_of(positions: Floats, devices: int) -> tuple[Figure, Finding]:
    """Say how precise positions are.

    Parameters
    ----------
    positions
        A sample, latitude and longitude in degrees, float64[n, 2], n at least 1.
    devices
        How many devices the data set has.
    """
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
    figure = quantity("width in metres of the grid of positions", metres, metres, metres, devices, GRID)
    return figure, Finding("precision of coordinates", text, GRID.name, GRID.source)


def _holds(positions: Floats, step: float) -> bool:
    """Whether nearly all positions are multiples of a step."""
    ratio = positions / step
    return bool((np.abs(ratio - np.rint(ratio)) < _TOLERANCE).all(axis=1).mean() >= _SHARE)


def _centred(positions: Floats, resolution: int) -> bool:
    """Whether nearly all positions are centres of their cells."""
    some = positions[:1000]
    cells = np.array([h3.latlng_to_cell(*position, resolution) for position in some.tolist()], np.uint64)
    return bool((distance(centres_of(cells), some) < _NEAR_METRES).mean() >= _SHARE)


def _rounded(metres: float) -> str:
    if metres >= 1000:
        return f"{metres / 1000:.2g} km" if metres < 99_500 else f"{metres / 1000:,.0f} km"
    return f"{metres:.2g} m" if metres < 99.5 else f"{metres:.0f} m"
