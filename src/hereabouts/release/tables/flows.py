"""The flows table: one row a pair of cells and period."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.estimate.flows.levels import Flows
from hereabouts.estimate.flows.pairs import FlowEstimate
from hereabouts.estimate.flows.slots import SlotFlows
from hereabouts.release.plan import HOUR_OF_DAY, Plan
from hereabouts.release.protected import Protection
from hereabouts.release.tables.rows import Level, Table, constant, figures, instants, names, text, useful
from hereabouts.windows import Window

Cells = NDArray[np.uint64]


def flows_table(
    flows: Mapping[int, Flows],
    domains: Mapping[int, Cells],
    window: Window,
    plan: Plan,
    protection: Protection | None = None,
    slots: Mapping[tuple[int, str], SlotFlows] | None = None,
) -> Table:
    """The flows table: one row a pair of cells that both may have one, at every resolution and period of the plan.

    Parameters
    ----------
    flows
        Flows over the window, by resolution.
    domains
        The region's sorted cells by resolution.
    window, plan, protection
        Public.
    slots
        Flows by day and hour of the day, where the plan asks for them, by resolution and period.
    """
    parts, levels = [], {}
    for resolution in plan.flows.resolutions:
        cells = domains[resolution]
        for period in plan.flows.periods:
            found = flows[resolution] if period == window.duration else (slots or {})[resolution, period]
            starts, named = _moments(period, window)
            estimate = _columns(found.estimate, len(starts))
            enough = useful(estimate.trips, estimate.low, estimate.high, plan.publish)
            if protection is not None:
                withheld = protection.withheld(cells, resolution, period, window)
                enough[withheld[found.origin] | withheld[found.destination]] = False
            kept = np.flatnonzero(enough)
            row, column = np.divmod(kept, len(starts))
            head = {
                "origin": names(cells, found.origin[row]),
                "destination": names(cells, found.destination[row]),
                "resolution": constant(resolution, kept.size),
                "start": starts.take(pa.array(column)),
                "period": text(period, kept.size),
                "slot": named.take(pa.array(column)),
            }
            said = figures("trips", estimate.trips, estimate.variance, estimate.low, estimate.high, kept)
            parts.append(pa.table(head | said))
            levels[f"{resolution}/{period}"] = Level(int(kept.size), int(cells.size) ** 2 * len(starts))
    return Table(pa.concat_tables(parts), levels)


def _columns(estimate: FlowEstimate, slots: int) -> FlowEstimate:
    """The same with a column a slot; those of the window are one."""
    parts = (estimate.trips, estimate.variance, estimate.low, estimate.high)
    return FlowEstimate(*(part.reshape(-1, slots) for part in parts))


def _moments(period: str, window: Window) -> tuple[pa.Array, pa.Array]:
    """Start and slot of each column of a period; one of them is null."""
    if period == HOUR_OF_DAY:
        slots, _ = window.hour_of_day()
        return pa.nulls(len(slots), pa.timestamp("s", tz=window.timezone)), pa.array(slots)
    seconds = np.array([window.start]) if period == window.duration else window.day_starts()
    return instants(seconds, window.timezone), pa.nulls(seconds.size, pa.string())
