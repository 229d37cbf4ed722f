"""Estimates see a protected parent as one cell over whole periods: what is published does not change with the rest.

Nothing here is linear: the real estimates are made, with all that they borrow from each other, of numbers that differ
within a parent and a period alone, and the tables have to be the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.flows.expand import all_pairs
from hereabouts.estimate.flows.levels import flow_estimates
from hereabouts.estimate.measurements import FlowLevel, Measurements, PresenceLevel
from hereabouts.estimate.presence.hours import means_over
from hereabouts.estimate.presence.levels import presence_estimates
from hereabouts.estimate.reconcile import parent_positions
from hereabouts.hexagons import parents_of
from hereabouts.release.coarsen import coarsened
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection, protect
from hereabouts.release.region import Region
from hereabouts.release.tables.flows import flows_table
from hereabouts.release.tables.presence import presence_table
from hereabouts.release.tables.rows import Table
from hereabouts.rules.protected import ProtectedArea
from hereabouts.windows import Calendar

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]

WINDOW = Calendar.of("Europe/Paris", "P3D", None).at(1_711_796_400)
"""Three days, one of which has 23 hours."""
HERE = h3.latlng_to_cell(48.85, 2.35, 5)
FIVES = sorted(int(c) for c in h3.grid_disk(HERE, 1))[:3]
LEAVES = np.unique(np.concatenate([np.asarray(h3.cell_to_children(c, 7), dtype=np.uint64) for c in FIVES]))
DOMAINS = {resolution: np.unique(parents_of(LEAVES, resolution)) for resolution in range(8)}
SIX = [int(c) for c in h3.cell_to_children(FIVES[0], 6)]
SD = 6.0


def guard(*areas: tuple[Sequence[int], int, str]) -> Protection:
    protected = [
        ProtectedArea(
            name=f"area {place}",
            cells=tuple(h3.int_to_str(c) for c in cells),
            finest_resolution=resolution,
            finest_period=period,
        )
        for place, (cells, resolution, period) in enumerate(areas)
    ]
    found = protect(protected, Path(), Region(LEAVES), WINDOW)
    assert found.left_out == 0
    return found


def plan(resolutions: Sequence[int]) -> Plan:
    return Plan.model_validate(
        {
            "name": "coarse",
            "purpose": "research",
            "region": {"cells": [h3.int_to_str(c) for c in FIVES]},
            "window": WINDOW.name,
            "epsilon": 1.0,
            "delta": 1e-6,
            "statistics": ["presence", "flows"],
            "presence": {"resolutions": resolutions, "periods": ["PT1H", "P1D", "P3D"]},
            "flows": {"resolutions": resolutions, "periods": ["P3D"]},
            "publish": {"minimum": 0.0, "max_relative_halfwidth": float("inf")},
        }
    )


def _devices() -> Integers:
    """Devices of a busy quarter with a rhythm of its own (the first cell of resolution 6), and of others."""
    rng = np.random.default_rng(0)
    own = (parents_of(LEAVES, 6) == np.uint64(SIX[0]))[:, None]
    hour = np.arange(WINDOW.hours)
    rhythm = np.where(own, 1 + np.cos(hour / 5.0) ** 3, 1 + 0.5 * np.sin(hour / 24 * 2 * np.pi))
    return rng.poisson(np.where(own, 900.0, rng.lognormal(2.5, 1.0, own.shape)) * rhythm)


DEVICES = _devices()


def measure(resolutions: Sequence[int], seed: int = 1) -> Measurements:
    """Noisy devices, and trips within and from the busy quarter and between others."""
    rng = np.random.default_rng(seed)
    busy = np.where(parents_of(LEAVES, 6) == np.uint64(SIX[0]), 6.0, 0.6)
    trips = rng.poisson(np.outer(busy, busy))
    presence, flows = [], []
    for resolution in resolutions:
        place = parent_positions(LEAVES, DOMAINS[resolution], resolution)
        size = DOMAINS[resolution].size
        sums = np.zeros((size, WINDOW.hours), dtype=np.int64)
        np.add.at(sums, place, DEVICES)
        presence.append(PresenceLevel(resolution, _noisy(sums, rng), SD**2))
        pairs = np.zeros((size, size), dtype=np.int64)
        np.add.at(pairs, (place[:, None], place[None, :]), trips)
        noisy = _noisy(pairs.ravel() * 256, rng)
        totals = (20_000, 10_000, 40_000, 20_000)
        flows.append(FlowLevel(resolution, True, all_pairs(size), noisy, SD**2, 256, totals, 9.0))
    return Measurements((), tuple(presence), tuple(flows))


def _noisy(values: Integers, rng: np.random.Generator) -> Integers:
    return values + np.round(rng.normal(0.0, SD, values.shape)).astype(np.int64)


def publish(measured: Measurements, protection: Protection, wanted: Plan) -> dict[str, Table]:
    presence = presence_estimates(measured.presence, DOMAINS, WINDOW.day_of_hour)
    flows = flow_estimates(measured.flows, DOMAINS)
    return {
        "presence": presence_table(presence, DOMAINS, WINDOW, wanted, protection),
        "flows": flows_table(flows, DOMAINS, WINDOW, wanted, protection),
    }


def moved(measured: Measurements, parent: int, span: str, seed: int) -> Measurements:
    """Other noisy numbers, with the same sums over a parent in each period, and over each pair of parents.

    Whatever is above the parent (whose hours were measured too) is moved along within the period as well.
    """
    rng = np.random.default_rng(seed)
    finest = h3.get_resolution(parent)
    period_of = {"PT1H": np.arange(WINDOW.hours), "P1D": WINDOW.day_of_hour, "window": np.zeros(WINDOW.hours, int)}[
        span
    ]
    presence = []
    for level in measured.presence:
        cells = DOMAINS[level.resolution]
        coarse = min(finest, level.resolution)
        rows = np.flatnonzero(parents_of(cells, coarse) == h3.cell_to_parent(parent, coarse))
        noisy = level.noisy.copy()
        for period in np.unique(period_of):
            hours = np.flatnonzero(period_of == period)
            block = np.ix_(rows, hours)
            noisy[block] = rng.permutation(noisy[block].ravel()).reshape(rows.size, hours.size)
        presence.append(replace(level, noisy=noisy))
    flows = []
    for flow in measured.flows:
        cells = DOMAINS[flow.resolution]
        noisy = flow.noisy.copy()
        if flow.resolution > finest:
            above = parents_of(cells, finest)
            ends = np.column_stack(np.divmod(flow.pairs, cells.size))
            touched = np.flatnonzero((above[ends] == np.uint64(parent)).any(axis=1))
            _, number = np.unique(above[ends[touched]], axis=0, return_inverse=True)
            for one in np.unique(number):
                rows = touched[number.ravel() == one]
                noisy[rows] = rng.permutation(noisy[rows])
        flows.append(replace(flow, noisy=noisy))
    return Measurements((), tuple(presence), tuple(flows))


@pytest.mark.parametrize("resolutions", [(5, 6, 7), (4, 7), (6,), (7,), (5, 7)])
@pytest.mark.parametrize("period", ["PT1H", "P1D", "window"])
def test_what_is_published_is_the_same_whatever_happens_within_a_parent(
    resolutions: tuple[int, ...], period: str
) -> None:
    protection, wanted, measured = guard(([SIX[0]], 6, period)), plan(resolutions), measure(resolutions)
    one = publish(coarsened(measured, DOMAINS, WINDOW, protection), protection, wanted)
    changed = moved(measured, SIX[0], period, seed=2)
    other = publish(coarsened(changed, DOMAINS, WINDOW, protection), protection, wanted)
    for name in one:
        assert one[name].content.num_rows > 0
        assert one[name].content.equals(other[name].content)
        assert one[name].levels == other[name].levels


def test_withholding_rows_alone_would_not_do() -> None:
    """Estimates borrow: without it, other cells' hours say what the busy one's were, as its rhythm is most of all's."""
    protection, wanted, measured = guard(([SIX[0]], 6, "P1D")), plan((5, 6, 7)), measure((5, 6, 7))
    one, other = (publish(m, protection, wanted) for m in (measured, moved(measured, SIX[0], "P1D", seed=2)))
    assert one["presence"].content["cell"].equals(other["presence"].content["cell"])
    apart = np.abs(one["presence"].content["devices"].to_numpy() - other["presence"].content["devices"].to_numpy())
    assert apart.max() > 10.0


areas = st.tuples(
    st.lists(st.sampled_from(SIX[:2] + [int(c) for c in LEAVES[:60]]), min_size=1, max_size=2, unique=True),
    st.sampled_from([5, 6]),
    st.sampled_from(["PT1H", "P1D", "window"]),
)


@given(first=areas, second=areas, resolutions=st.sampled_from([(5, 6, 7), (5, 7), (6, 7)]), seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None)
def test_any_areas_beside_and_within_each_other(
    first: tuple[list[int], int, str], second: tuple[list[int], int, str], resolutions: tuple[int, ...], seed: int
) -> None:
    protection, wanted, measured = guard(first, second), plan(resolutions), measure(resolutions)
    changed = measured
    for cells, finest, period in (first, second):
        changed = moved(changed, h3.cell_to_parent(cells[0], finest), period, seed)
    one, other = (publish(coarsened(m, DOMAINS, WINDOW, protection), protection, wanted) for m in (measured, changed))
    for name in one:
        assert one[name].content.equals(other[name].content)


# --- what takes the place of what was measured -----------------------------------------------------------------------


def test_nothing_protected_changes_nothing() -> None:
    measured = measure((6, 7))
    elsewhere = int(h3.latlng_to_cell(10.0, 10.0, 6))
    assert coarsened(measured, DOMAINS, WINDOW, guard(([elsewhere], 6, "P1D"))) is measured
    assert coarsened(measured, DOMAINS, WINDOW, protect([], Path(), Region(LEAVES), WINDOW)) is measured


def test_sums_over_parents_and_periods_are_kept_and_others_left_alone() -> None:
    measured = measure((5, 6, 7))
    found = coarsened(measured, DOMAINS, WINDOW, guard(([SIX[0]], 6, "P1D")))
    days = means_over(WINDOW.day_of_hour)
    assert [level.resolution for level in found.presence] == [5, 6, 7], "in the order that they came in"
    for was, now in zip(measured.presence, found.presence, strict=True):
        coarse = min(was.resolution, 6)
        inside = parents_of(DOMAINS[was.resolution], coarse) == h3.cell_to_parent(SIX[0], coarse)
        assert np.allclose(now.noisy[inside].sum(axis=0) @ days, was.noisy[inside].sum(axis=0) @ days)
        assert np.array_equal(now.noisy[~inside], was.noisy[~inside])
    fine = found.presence[2].noisy[parents_of(DOMAINS[7], 6) == np.uint64(SIX[0])]
    assert np.array_equal(fine, np.tile(fine[0], (7, 1))), "no leaf differs from another"


def test_what_is_above_keeps_the_course_of_its_other_children() -> None:
    """They add up to it: a flat day above would flatten theirs."""
    measured = measure((5, 6))
    found = coarsened(measured, DOMAINS, WINDOW, guard(([SIX[0]], 6, "P1D")))
    above = int(np.flatnonzero(DOMAINS[5] == np.uint64(FIVES[0]))[0])
    children = parents_of(DOMAINS[6], 5) == np.uint64(FIVES[0])
    gap = found.presence[0].noisy[above] - found.presence[1].noisy[children].sum(axis=0)
    for day in range(3):
        assert np.ptp(gap[WINDOW.day_of_hour == day]) < 1e-6


def test_other_cells_are_estimated_as_well_as_before() -> None:
    protection, measured = guard(([SIX[0]], 6, "P1D")), measure((5, 6, 7))
    errors = []
    for each in (measured, coarsened(measured, DOMAINS, WINDOW, protection)):
        hours = presence_estimates(each.presence, DOMAINS, WINDOW.day_of_hour)[7].hours
        free = ~protection.hidden(DOMAINS[7], 7)
        errors.append(float(np.sqrt(((hours - DEVICES)[free] ** 2).mean())))
    assert errors[1] < 1.1 * errors[0]


@pytest.mark.parametrize("resolutions", [(7,), (5, 7), (5, 6, 7)])
def test_fine_pairs_are_left_out_or_made_one(resolutions: tuple[int, ...]) -> None:
    measured = measure(resolutions)
    found = coarsened(measured, DOMAINS, WINDOW, guard(([SIX[0]], 6, "window"))).flows[-1]
    hidden = parents_of(DOMAINS[7], 6) == np.uint64(SIX[0])
    origin, destination = np.divmod(found.pairs, DOMAINS[7].size)
    either = hidden[origin] | hidden[destination]
    assert np.array_equal(found.pairs, np.sort(found.pairs))
    if len(resolutions) == 1:
        assert not either.any()
        return
    assert either.any(), "coarser pairs need something to be added up to"
    coarser = parents_of(DOMAINS[7], resolutions[-2])
    for start, end in ((SIX[0], SIX[3]), (SIX[3], SIX[0]), (SIX[0], SIX[0])):
        leaves = coarser[origin] == h3.cell_to_parent(start, resolutions[-2])
        arrives = coarser[destination] == h3.cell_to_parent(end, resolutions[-2])
        shared = found.noisy[leaves & arrives & either]
        assert shared.size > 0
        assert np.ptp(shared) == 0


def test_everything_protected_leaves_estimates_that_can_be_made() -> None:
    protection, wanted = guard((FIVES, 5, "window")), plan((6, 7))
    found = publish(coarsened(measure((6, 7)), DOMAINS, WINDOW, protection), protection, wanted)
    assert [found[name].content.num_rows for name in ("presence", "flows")] == [0, 0]
