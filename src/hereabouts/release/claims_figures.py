"""What the figures of every released table claim of themselves: values, intervals, and what ``[publish]`` lets out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Values are rounded to thousandths.
ROUNDING = 0.0006


def numbers(content: pa.Table, name: str) -> Floats:
    """A column of figures, shape (rows,).

    Raises
    ------
    TypeError
        When it holds anything else.
    """
    if not pa.types.is_floating(content[name].type):
        raise TypeError(f"got column {name} of {content[name].type}, expected numbers")
    return np.asarray(content[name].to_numpy(), dtype=np.float64)


def wrong_figures(
    value: Floats, noise: Floats, low: Floats, high: Floats, publish: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Each claim about the figures of a table, with what is wrong about it; nothing where it holds.

    Parameters
    ----------
    value, noise, low, high
        The table's four columns of figures, shape (rows,).
    publish
        What the manifest says was let out.
    """
    inside = (low >= 0) & (low <= value + ROUNDING) & (value <= high + ROUNDING)
    wrong = int((~(inside & (value >= 0) & np.isfinite(high) & np.isfinite(noise) & (noise >= 0))).sum())
    yield "values inside their intervals, none below zero", f"{wrong} rows are not" if wrong else ""
    least, widest = (float(publish[key]) for key in ("minimum", "max_relative_halfwidth"))
    small = int((value < least - ROUNDING).sum())
    yield "no row below the minimum", f"{small} rows are below {least:g}" if small else ""
    halfwidth = np.maximum(value - low, high - value)
    unsure = 0 if np.isinf(widest) else int((halfwidth > widest * value + 4 * ROUNDING).sum())
    yield "no row too unsure", f"{unsure} half-widths are over {widest:g} of their value" if unsure else ""
