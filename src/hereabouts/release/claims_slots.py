"""What days and hours of the day claim: that together they are within the window they are parts of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.release.claims_figures import ROUNDING
from hereabouts.release.plan import DAILY, HOUR_OF_DAY


def wrong_slots(
    ends: Sequence[NDArray[np.uint64]],
    resolution: NDArray[Any],
    period: pa.ChunkedArray,
    value: NDArray[Any],
    window: Mapping[str, Any],
) -> str:
    """Published flows of a pair by slot add up to no more than its published flow over the window."""
    first, after = (dt.date.fromisoformat(day) for day in str(window["name"]).split("/"))
    duration = f"P{(after - first).days}D"
    names = [*(f"end{place}" for place in range(len(ends))), "resolution"]
    table = pa.table({**dict(zip(names, [*ends, resolution], strict=True)), "value": value})
    periods = np.array(period.to_pylist(), dtype=object)
    wholes = table.filter(pa.array(periods == duration))
    for part in {DAILY, HOUR_OF_DAY} - {duration}:
        sums = table.filter(pa.array(periods == part)).group_by(names).aggregate([("value", "sum"), ("value", "count")])
        both = sums.join(wholes, names, join_type="inner")
        total, whole, parts = (both[name].to_numpy() for name in ("value_sum", "value", "value_count"))
        over = np.flatnonzero(total > whole + ROUNDING * (parts + 1))
        if over.size:
            return f"a flow has {total[over[0]]:g} by {part}, and {whole[over[0]]:g} over the window"
    return ""
