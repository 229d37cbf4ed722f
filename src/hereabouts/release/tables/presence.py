"""The presence table: one row a cell and period."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.estimate.presence.hours import HourlyEstimate, day_means
from hereabouts.release.plan import DAILY, HOURLY, Plan
from hereabouts.release.protected import Protection
from hereabouts.release.tables.rows import Level, Table, constant, figures, instants, intervals, names, text, useful
from hereabouts.windows import Window

Cells = NDArray[np.uint64]


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
            low, high = intervals(value, variance, plan.publish.minimum)
            enough = useful(value, low, high, plan.publish)
            if protection is not None:
                enough[protection.withheld(cells, resolution, period, window)] = False
            kept = np.flatnonzero(enough)
            row, slot = np.divmod(kept, starts.size)
            head = {
                "cell": names(cells, row),
                "resolution": constant(resolution, kept.size),
                "start": instants(starts[slot], window.timezone),
                "period": text(period, kept.size),
            }
            parts.append(pa.table(head | figures("devices", value, variance, low, high, kept)))
            levels[f"{resolution}/{period}"] = Level(int(kept.size), int(value.size))
    return Table(pa.concat_tables(parts), levels)
