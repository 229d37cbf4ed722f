"""From estimates to the tables of a release: which rows are useful enough, and how they are written.

Whether a row is published depends on its estimate and interval alone, which are made of noisy numbers, so the
choice costs nothing. What is left out is not zero: it is inside its parent. What a protected area withholds is left
out whatever its estimate is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.estimate.intervals import interval
from hereabouts.release.plan import Publish

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]

# Published figures are rounded to thousandths: far below any interval, and easy to read.
_DECIMALS = 3


@dataclass(frozen=True)
class Level:
    """Rows of one resolution and period: how many are published, of how many that were estimated."""

    rows: int
    domain: int


@dataclass(frozen=True)
class Table:
    """A released table, and its levels by ``RESOLUTION/PERIOD``."""

    content: pa.Table
    levels: dict[str, Level]


def intervals(value: Floats, variance: Floats, minimum: float) -> tuple[Floats, Floats]:
    """Ends of the intervals of rows that are large enough; the others are not published, and most rows of a region."""
    low, high = value.copy(), value.copy()
    enough = value >= minimum
    low[enough], high[enough] = interval(value[enough], variance[enough])
    return low, high


def useful(value: Floats, low: Floats, high: Floats, publish: Publish) -> NDArray[np.bool_]:
    """Which rows a plan's ``[publish]`` lets out."""
    enough = value >= publish.minimum
    # Half of a clipped interval would flatter: the wider side counts.
    halfwidth = np.maximum(value - low, high - value)
    if np.isinf(publish.max_relative_halfwidth):
        return enough
    return enough & (halfwidth <= publish.max_relative_halfwidth * value)


def figures(
    name: str, value: Floats, variance: Floats, low: Floats, high: Floats, kept: NDArray[np.int64]
) -> dict[str, pa.Array]:
    """The four columns of numbers of the rows that are kept; ends of intervals are rounded outward."""
    unit = 10.0**_DECIMALS
    return {
        name: pa.array(np.round(value.ravel()[kept], _DECIMALS)),
        "noise_sd": pa.array(np.round(np.sqrt(variance).ravel()[kept], _DECIMALS)),
        "ci95_low": pa.array(np.floor(low.ravel()[kept] * unit) / unit),
        "ci95_high": pa.array(np.ceil(high.ravel()[kept] * unit) / unit),
    }


def names(cells: Cells, rows: NDArray[np.int64]) -> pa.Array:
    """Names of the cells at these places."""
    return pa.array([format(int(cell), "x") for cell in cells]).take(pa.array(rows))


def instants(seconds: NDArray[np.int64], timezone: str) -> pa.Array:
    """UTC seconds as timestamps of a zone."""
    return pa.array(seconds).cast(pa.timestamp("s", tz=timezone))


def constant(value: int, rows: int) -> pa.Array:
    """A small number in every row."""
    return pa.array(np.full(rows, value, dtype=np.int8))


def text(value: str, rows: int) -> pa.Array:
    """A word in every row."""
    return pa.repeat(value, rows)
