"""The presence table: one row a cell and period."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.estimate.presence.hours import HourlyEstimate, means_over
from hereabouts.release.plan import DAILY, HOUR_OF_DAY, HOURLY, TYPICAL_WEEK, Plan
from hereabouts.release.protected import Protection
from hereabouts.release.tables.rows import Level, Table, constant, figures, instants, intervals, names, text, useful
from hereabouts.windows import Window

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]

SLOTS: dict[str, Callable[[Window], tuple[list[str], NDArray[np.int64]]]] = {
    TYPICAL_WEEK: Window.typical_week,
    HOUR_OF_DAY: Window.hour_of_day,
}
"""Periods that are no spans of time but sets of hours: the names of the sets, and to which each hour belongs."""


def slots_of(plan: Plan, window: Window) -> dict[str, NDArray[np.int64]]:
    """The set of each hour, shape (hours,), for each period of the plan that is made of sets of hours."""
    return {period: SLOTS[period](window)[1] for period in plan.presence.periods if period in SLOTS}


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
        for period in plan.presence.periods:
            value, variance, starts, slots = _of_period(found, window, period)
            low, high = intervals(value, variance, plan.publish.minimum)
            enough = useful(value, low, high, plan.publish)
            if protection is not None:
                enough[protection.withheld(cells, resolution, period, window)] = False
            kept = np.flatnonzero(enough)
            row, column = np.divmod(kept, value.shape[1])
            head = {
                "cell": names(cells, row),
                "resolution": constant(resolution, kept.size),
                "start": starts.take(pa.array(column)),
                "period": text(period, kept.size),
                "slot": slots.take(pa.array(column)),
            }
            parts.append(pa.table(head | figures("devices", value, variance, low, high, kept)))
            levels[f"{resolution}/{period}"] = Level(int(kept.size), int(value.size))
    return Table(pa.concat_tables(parts), levels)


def _of_period(found: HourlyEstimate, window: Window, period: str) -> tuple[Floats, Floats, pa.Array, pa.Array]:
    """Values and variances of a period, shape (cells, columns), and each column's start and slot, one of them null."""
    if period in SLOTS:
        slots, slot_of_hour = SLOTS[period](window)
        starts = pa.nulls(len(slots), pa.timestamp("s", tz=window.timezone))
        return found.hours @ means_over(slot_of_hour), found.slot_variance[period], starts, pa.array(slots)
    if period == HOURLY:
        value, variance, seconds = found.hours, found.hour_variance, window.hour_starts()
    elif period == DAILY:
        value, variance = found.hours @ means_over(window.day_of_hour), found.day_variance
        seconds = window.day_starts()
    else:
        value, variance = found.hours.mean(axis=1, keepdims=True), found.window_variance
        seconds = np.array([window.start])
    return value, variance, instants(seconds, window.timezone), pa.nulls(seconds.size, pa.string())
