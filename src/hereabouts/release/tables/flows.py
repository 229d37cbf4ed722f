"""The flows table: one row a pair of cells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.estimate.flows.levels import Flows
from hereabouts.estimate.flows.pairs import FlowEstimate
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.tables.rows import Level, Table, constant, figures, instants, names, text, useful
from hereabouts.windows import Window

Cells = NDArray[np.uint64]


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
        enough = useful(estimate.trips, estimate.low, estimate.high, plan.publish)
        if protection is not None:
            withheld = protection.withheld(cells, resolution, window.duration, window)
            enough &= ~(withheld[found.origin] | withheld[found.destination])
        kept = np.flatnonzero(enough)
        head = {
            "origin": names(cells, found.origin[kept]),
            "destination": names(cells, found.destination[kept]),
            "resolution": constant(resolution, kept.size),
            "start": instants(np.full(kept.size, window.start), window.timezone),
            "period": text(window.duration, kept.size),
        }
        said = figures("trips", estimate.trips, estimate.variance, estimate.low, estimate.high, kept)
        parts.append(pa.table(head | said))
        levels[f"{resolution}/{window.duration}"] = Level(int(kept.size), int(cells.size) ** 2)
    return Table(pa.concat_tables(parts), levels)
