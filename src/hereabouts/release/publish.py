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

from hereabouts.estimate.flows import FlowEstimate
from hereabouts.estimate.intervals import interval
from hereabouts.estimate.levels import Flows
from hereabouts.estimate.presence import HourlyEstimate, day_means
from hereabouts.release.plan import DAILY, HOURLY, Plan, Publish
from hereabouts.release.protected import Protection
from hereabouts.windows import Window

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


def presence_table(
    estimates: dict[int, HourlyEstimate],
    domains: dict[int, Cells],
    window: Window,
    plan: Plan,
    protection: Protection | None = None,
) -> Table:
    """The presence table: one row a cell and period, at every resolution and period of the plan that may have one."""
    parts, levels = [], {}
    for resolution in plan.presence.resolutions:
        found, cells = estimates[resolution], domains[resolution]
        to_days = day_means(window.day_of_hour)
        by_period = {
            HOURLY: (found.hours, found.hour_variance, window.hour_starts()),
            DAILY: (found.hours @ to_days, found.day_variance, window.day_starts()),
        }
        whole = found.hours.mean(axis=1, keepdims=True), found.window_variance, np.array([window.start])
        for period in plan.presence.periods:
            value, variance, starts = by_period.get(period, whole)
            low, high = _intervals(value, variance, plan.publish.minimum)
            useful = _useful(value, low, high, plan.publish)
            if protection is not None:
                useful[protection.withheld(cells, resolution, period, window)] = False
            kept = np.flatnonzero(useful)
            row, slot = np.divmod(kept, starts.size)
            head = {
                "cell": _names(cells, row),
                "resolution": _constant(resolution, kept.size),
                "start": _instants(starts[slot], window.timezone),
                "period": _text(period, kept.size),
            }
            parts.append(pa.table(head | _figures("devices", value, variance, low, high, kept)))
            levels[f"{resolution}/{period}"] = Level(int(kept.size), int(value.size))
    return Table(pa.concat_tables(parts), levels)


def flows_table(
    flows: dict[int, Flows],
    domains: dict[int, Cells],
    window: Window,
    plan: Plan,
    protection: Protection | None = None,
) -> Table:
    """The flows table: one row a pair of cells that both may have one, at every resolution, over the window."""
    parts, levels = [], {}
    for resolution in plan.flows.resolutions:
        found, cells = flows[resolution], domains[resolution]
        estimate: FlowEstimate = found.estimate
        useful = _useful(estimate.trips, estimate.low, estimate.high, plan.publish)
        if protection is not None:
            withheld = protection.withheld(cells, resolution, window.duration, window)
            useful &= ~(withheld[found.origin] | withheld[found.destination])
        kept = np.flatnonzero(useful)
        head = {
            "origin": _names(cells, found.origin[kept]),
            "destination": _names(cells, found.destination[kept]),
            "resolution": _constant(resolution, kept.size),
            "start": _instants(np.full(kept.size, window.start), window.timezone),
            "period": _text(window.duration, kept.size),
        }
        figures = _figures("trips", estimate.trips, estimate.variance, estimate.low, estimate.high, kept)
        parts.append(pa.table(head | figures))
        levels[f"{resolution}/{window.duration}"] = Level(int(kept.size), int(cells.size) ** 2)
    return Table(pa.concat_tables(parts), levels)


def _intervals(value: Floats, variance: Floats, minimum: float) -> tuple[Floats, Floats]:
    """Ends of the intervals of rows that are large enough; the others are not published, and most rows of a region."""
    low, high = value.copy(), value.copy()
    enough = value >= minimum
    low[enough], high[enough] = interval(value[enough], variance[enough])
    return low, high


def _useful(value: Floats, low: Floats, high: Floats, publish: Publish) -> NDArray[np.bool_]:
    enough = value >= publish.minimum
    # Half of a clipped interval would flatter: the wider side counts.
    halfwidth = np.maximum(value - low, high - value)
    if np.isinf(publish.max_relative_halfwidth):
        return enough
    return enough & (halfwidth <= publish.max_relative_halfwidth * value)


def _figures(
    name: str, value: Floats, variance: Floats, low: Floats, high: Floats, kept: NDArray[np.int64]
) -> dict[str, pa.Array]:
    unit = 10.0**_DECIMALS
    return {
        name: pa.array(np.round(value.ravel()[kept], _DECIMALS)),
        "noise_sd": pa.array(np.round(np.sqrt(variance).ravel()[kept], _DECIMALS)),
        "ci95_low": pa.array(np.floor(low.ravel()[kept] * unit) / unit),
        "ci95_high": pa.array(np.ceil(high.ravel()[kept] * unit) / unit),
    }


def _names(cells: Cells, rows: NDArray[np.int64]) -> pa.Array:
    names = pa.array([format(int(cell), "x") for cell in cells])
    return names.take(pa.array(rows))


def _instants(seconds: NDArray[np.int64], timezone: str) -> pa.Array:
    return pa.array(seconds).cast(pa.timestamp("s", tz=timezone))


def _constant(value: int, rows: int) -> pa.Array:
    return pa.array(np.full(rows, value, dtype=np.int8))


def _text(value: str, rows: int) -> pa.Array:
    return pa.repeat(value, rows)
