"""Flows of the window, of days and of hours of the day, as rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.flows.levels import Flows
from hereabouts.estimate.flows.pairs import FlowEstimate
from hereabouts.estimate.flows.slots import SlotFlows
from hereabouts.release.plan import Plan, Publish
from hereabouts.release.tables.flows import flows_table
from hereabouts.release.tables.rows import Level, Table
from hereabouts.windows import Window

Floats = NDArray[np.float64]
Domains = dict[int, NDArray[np.uint64]]

EVERYTHING = Publish(minimum=0.0, max_relative_halfwidth=float("inf"))


def wanting(plan: Plan, publish: Publish, *periods: str) -> Plan:
    flows = plan.flows.model_copy(update={"resolutions": (7,), "periods": periods})
    return plan.model_copy(update={"flows": flows, "publish": publish})


def table(plan: Plan, window: Window, domains: Domains, publish: Publish = EVERYTHING) -> Table:
    """Two flows: one leaves the first cell, the other stays in it."""
    days = len(window.day_starts())
    origin, destination = np.array([0, 0]), np.array([0, 1])

    def estimate(trips: Floats) -> FlowEstimate:
        return FlowEstimate(trips, np.ones(trips.shape), trips - 1.0, trips + 2.0)

    by_day, by_hour = np.full((2, days), 30.0), np.zeros((2, 24))
    by_hour[:, 8] = 30.0 * days
    slots = {
        (7, "P1D"): SlotFlows(origin, destination, estimate(by_day)),
        (7, "hour-of-day"): SlotFlows(origin, destination, estimate(by_hour)),
    }
    flows = {7: Flows(origin, destination, estimate(np.full(2, 30.0 * days)))}
    wanted = wanting(plan, publish, window.duration, "P1D", "hour-of-day")
    return flows_table(flows, domains, window, wanted, None, slots)


def test_days_have_a_start_and_hours_of_the_day_a_slot(plan: Plan, window: Window, domains: Domains) -> None:
    rows = table(plan, window, domains).content.to_pylist()
    whole = [row for row in rows if row["period"] == window.duration]
    days = [row for row in rows if row["period"] == "P1D"]
    hours = [row for row in rows if row["period"] == "hour-of-day"]
    assert (len(whole), len(days), len(hours)) == (2, 2 * len(window.day_starts()), 48)
    assert {row["slot"] for row in whole + days} == {None}
    assert {int(row["start"].timestamp()) for row in days} == set(window.day_starts().tolist())
    assert {row["start"] for row in hours} == {None}
    assert {row["slot"] for row in hours} == {f"hour-{hour:02d}" for hour in range(24)}
    assert {row["slot"] for row in hours if row["trips"] > 0.0} == {"hour-08"}


def test_a_level_is_named_by_its_period_and_counts_all_rows_there_could_be(
    plan: Plan, window: Window, domains: Domains
) -> None:
    found = table(plan, window, domains, Publish()).levels
    pairs, days = domains[7].size ** 2, len(window.day_starts())
    assert found == {
        f"7/{window.duration}": Level(2, pairs),
        "7/P1D": Level(2 * days, pairs * days),
        "7/hour-of-day": Level(2, pairs * 24),
    }


def test_what_is_asked_for_is_what_is_there(plan: Plan, window: Window, domains: Domains) -> None:
    origin = np.zeros(1, dtype=np.int64)
    flows = {7: Flows(origin, origin, FlowEstimate(*(np.ones(1) for _ in range(4))))}
    assert set(flows_table(flows, domains, window, wanting(plan, EVERYTHING, window.duration)).levels) == {
        f"7/{window.duration}"
    }
    with pytest.raises(KeyError):
        flows_table(flows, domains, window, wanting(plan, EVERYTHING, "P1D"))
