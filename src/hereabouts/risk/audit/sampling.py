"""How densely devices are sampled: pings a day, and time between pings. One number a device, then quantiles of those.

A quantile, and an end of its interval, is the mean of the 20 devices around it, in two digits, and is told where at
least as many lie beyond it on either side: so none is one device's number.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from hereabouts.movement.kernel import Floats, Int64s, UInt64s, kernel, read_only
from hereabouts.risk.figures import Figure, Procedure, not_told, quantity
from hereabouts.risk.intervals import Z95
from hereabouts.risk.traces import Traces
from hereabouts.rules.fewest import FEWEST

PER_DEVICE = Procedure(
    "quantiles over devices, each the mean of 20; intervals by order statistics", "David and Nagaraja 2003, chapter 7"
)
_AROUND = FEWEST // 2
QUANTILES = {"a tenth of devices has less than": 0.1, "median": 0.5, "a tenth of devices has more than": 0.9}


def sampling(traces: Traces) -> tuple[Figure, ...]:
    """Measure how densely devices are sampled.

    Returns
    -------
    tuple of Figure
        Quantiles of a device's pings a day, over the days (of UTC) on which it was seen, and of its median time between
        pings; of a sealed window of its hours with presence a day.
    """
    a_day, gap = _of_devices(
        cast(UInt64s, read_only(traces.points, np.uint64)), cast(Int64s, read_only(traces.starts, np.int64))
    )
    if traces.step > 1:
        return _quantiles("hours with presence, of a device on a day", a_day)
    pings = _quantiles("pings of a device on a day", a_day)
    return pings + _quantiles("seconds between pings of a device (its median)", gap[np.isfinite(gap)])


def _quantiles(name: str, values: Floats) -> tuple[Figure, ...]:
    ordered, n = np.sort(values), len(values)
    figures = []
    for words, q in QUANTILES.items():
        label = f"{name}: {words}"
        half = Z95 * math.sqrt(n * q * (1 - q))
        ranks = [round(rank) for rank in (n * q, n * q - half, n * q + half)]
        if min(ranks) < FEWEST + _AROUND or max(ranks) > n - FEWEST - _AROUND:
            figures.append(not_told(label, PER_DEVICE))
            continue
        value, low, high = (float(f"{ordered[rank - _AROUND : rank + _AROUND].mean():.2g}") for rank in ranks)
        figures.append(quantity(label, value, low, high, n, PER_DEVICE))
    return tuple(figures)


@kernel
def _of_devices(points: UInt64s, starts: Int64s) -> tuple[Floats, Floats]:
    """Points a day seen, and the median of seconds between them (not a number where there is but one)."""
    n = starts.size - 1
    a_day, gap = np.empty(n), np.full(n, np.nan)
    for d in range(n):
        time = points[starts[d] : starts[d + 1]] >> np.uint64(32)
        days, last = 0, np.uint64(0)
        for k in range(time.size):
            if k == 0 or time[k] // np.uint64(86_400) != last:
                days += 1
                last = time[k] // np.uint64(86_400)
        a_day[d] = time.size / days
        if time.size > 1:
            gap[d] = np.median((time[1:] - time[:-1]).astype(np.float64))
    return a_day, gap
