"""The visitors table: one row a cell and day, or a cell over the window."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.estimate.visitors.levels import Visitors
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.tables.rows import Level, Table, constant, figures, instants, names, text, useful
from hereabouts.windows import Window

Cells = NDArray[np.uint64]


def visitors_table(
    estimates: dict[tuple[int, str], Visitors],
    domains: dict[int, Cells],
    window: Window,
    plan: Plan,
    protection: Protection | None = None,
) -> Table:
    """The visitors table: one row a cell and period, at every resolution and period of the plan that may have one."""
    parts, levels = [], {}
    for resolution in plan.visitors.resolutions:
        for period in plan.visitors.periods:
            found, cells = estimates[resolution, period], domains[resolution]
            starts = np.array([window.start]) if period == window.duration else window.day_starts()
            enough = useful(found.devices, found.low, found.high, plan.publish)
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
            said = figures("devices", found.devices, found.variance, found.low, found.high, kept)
            parts.append(pa.table(head | said))
            levels[f"{resolution}/{period}"] = Level(int(kept.size), int(found.devices.size))
    return Table(pa.concat_tables(parts), levels)
