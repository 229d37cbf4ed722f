"""The distributions table: a row a bin."""

from __future__ import annotations

import numpy as np
import pytest

from hereabouts.estimate.distributions import Distribution
from hereabouts.privacy.bins import BINS
from hereabouts.release.plan import Plan, Publish
from hereabouts.release.tables.distributions import distributions_table
from hereabouts.release.tables.rows import Level

EVERYTHING = Publish(minimum=0.0, max_relative_halfwidth=float("inf"))


def made(statistic: str, half: float = 5.0) -> Distribution:
    values = np.arange(0.0, 10.0 * len(BINS[statistic].edges), 10.0)
    return Distribution(values, np.full(values.shape, half**2 / 4), np.maximum(values - half, 0.0), values + half)


@pytest.mark.parametrize("statistic", BINS)
def test_every_bin_may_be_published(plan: Plan, statistic: str) -> None:
    wanted = plan.model_copy(update={"statistics": (statistic,), "publish": EVERYTHING})
    table = distributions_table({statistic: made(statistic)}, wanted)
    bins = BINS[statistic]
    assert table.levels == {statistic: Level(len(bins.edges), len(bins.edges))}
    rows = table.content.to_pylist()
    assert [(row["bin_low"], row["bin_high"]) for row in rows] == bins.ranges()
    assert {row["unit"] for row in rows} == {bins.unit}
    assert [row["devices_or_trips"] for row in rows] == [10.0 * n for n in range(len(rows))]
    assert rows[-1]["bin_high"] == float("inf"), "the last bin is open"


def test_small_bins_are_left_out_by_the_same_rules_as_all_rows(plan: Plan) -> None:
    names = ("trip-lengths", "radius-of-gyration")
    wanted = plan.model_copy(update={"statistics": ("presence", *names), "publish": Publish()})
    table = distributions_table({name: made(name) for name in names}, wanted)
    assert table.levels == {"trip-lengths": Level(8, 10), "radius-of-gyration": Level(9, 11)}
    assert min(table.content["devices_or_trips"].to_pylist()) == 20.0
