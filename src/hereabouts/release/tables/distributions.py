"""The distributions table: one row a bin of a histogram, over the region and the window."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hereabouts.estimate.distributions import Distribution
from hereabouts.privacy.bins import BINS
from hereabouts.release.plan import Plan
from hereabouts.release.tables.rows import Level, Table, figures, text, useful


def distributions_table(estimates: dict[str, Distribution], plan: Plan) -> Table:
    """The distributions table: the bins of each histogram that the plan's ``[publish]`` lets out."""
    parts, levels = [], {}
    for statistic in plan.distributions:
        found, bins = estimates[statistic], BINS[statistic]
        kept = np.flatnonzero(useful(found.counts, found.low, found.high, plan.publish))
        low, high = np.array(bins.ranges())[kept].T
        head = {
            "statistic": text(statistic, kept.size),
            "bin_low": pa.array(low),
            "bin_high": pa.array(high),
            "unit": text(bins.unit, kept.size),
        }
        said = figures("devices_or_trips", found.counts, found.variance, found.low, found.high, kept)
        parts.append(pa.table(head | said))
        levels[statistic] = Level(int(kept.size), len(bins.edges))
    return Table(pa.concat_tables(parts), levels)
