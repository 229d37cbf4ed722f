"""Finer flows are looked for below the pairs that are estimated to have some trips, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.flows import expand
from hereabouts.estimate.flows.expand import all_pairs, clear_pairs, pairs_below
from hereabouts.estimate.flows.levels import JudgedFlows
from hereabouts.estimate.flows.pairs import Judged

Cells = NDArray[np.uint64]
Domains = Mapping[int, Cells]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Disk = Callable[[int], Domains]


def judged(cells: Cells, trips: Floats, pairs: Integers | None = None) -> JudgedFlows:
    """Flows of so many trips between cells."""
    origin, destination = np.divmod(all_pairs(cells.size) if pairs is None else pairs, cells.size)
    return JudgedFlows(origin, destination, Judged(trips, trips, np.ones(trips.size), trips, trips))


def children(domains: Domains, cell: int, resolution: int) -> list[int]:
    """Positions of a cell's descendants in the region, by H3's own hierarchy."""
    wanted = h3.get_resolution(cell)
    return [p for p, c in enumerate(domains[resolution]) if h3.cell_to_parent(c, wanted) == cell]


def test_all_pairs_of_three_cells() -> None:
    assert all_pairs(3).tolist() == list(range(9))
    assert [divmod(pair, 3) for pair in all_pairs(3).tolist()][3:6] == [(1, 0), (1, 1), (1, 2)]
    assert all_pairs(0).tolist() == []


@given(seed=st.integers(0, 2**32), chosen=st.integers(0, 6), steps=st.integers(1, 2))
@settings(max_examples=30, deadline=None)
def test_what_is_chosen_are_exactly_the_children_of_what_has_trips(
    disk: Disk, seed: int, chosen: int, steps: int
) -> None:
    domains = disk(4)
    coarse, fine = domains[5], domains[5 + steps]
    rng = np.random.default_rng(seed)
    trips: Floats = np.asarray(
        np.minimum(rng.exponential(3.0, coarse.size**2), 5.0), dtype=np.float64
    )  # five are still few
    out = rng.choice(trips.size, chosen, replace=False)
    trips[out] = 5.01
    expected = set()
    for pair in out.tolist():
        origin, destination = divmod(pair, coarse.size)
        for o in children(domains, coarse[origin], 5 + steps):
            expected |= {o * fine.size + d for d in children(domains, coarse[destination], 5 + steps)}
    found = pairs_below(judged(coarse, trips), coarse, fine, 5)
    assert found.dtype == np.int64
    assert found.tolist() == sorted(expected), "sorted, each once"


def test_a_level_that_was_expanded_itself_is_expanded_further(disk: Disk) -> None:
    """Only what was measured there can have trips."""
    domains = disk(4)
    size = domains[6].size
    pairs = np.array([0, 5, 7 * size + 3], dtype=np.int64)
    flows = judged(domains[6], np.array([0.0, 1000.0, 1000.0]), pairs)
    found = pairs_below(flows, domains[6], domains[7], 6)
    ends = {(int(o), int(d)) for o, d in zip(*np.divmod(found, domains[7].size), strict=True)}
    of = [children(domains, cell, 7) for cell in domains[6]]
    assert ends == {(o, d) for a, b in ((0, 5), (7, 3)) for o in of[a] for d in of[b]}


@pytest.mark.parametrize("trips", [0.0, 5.0])
def test_where_there_is_next_to_nothing_nothing_is_expanded(trips: float, disk: Disk) -> None:
    domains = disk(3)
    found = pairs_below(judged(domains[5], np.full(domains[5].size ** 2, trips)), domains[5], domains[6], 5)
    assert found.size == 0
    assert found.dtype == np.int64
    assert pairs_below(judged(domains[6], np.empty(0), found), domains[6], domains[7], 6).size == 0


def test_of_too_many_the_largest_are_followed(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    domains = disk(4)
    size = domains[5].size
    flows = judged(domains[5], np.arange(size**2, dtype=np.float64) + 1000.0)
    everything = pairs_below(flows, domains[5], domains[6], 5)
    assert everything.size == domains[6].size ** 2
    most = everything.size // 3
    monkeypatch.setattr(expand, "MOST_PAIRS", most)
    found = pairs_below(flows, domains[5], domains[6], 5)
    assert most // 2 < found.size <= most
    origin, destination = np.divmod(found, domains[6].size)
    position = {c: p for p, c in enumerate(domains[5].tolist())}
    above = {
        position[h3.cell_to_parent(domains[6][o], 5)] * size + position[h3.cell_to_parent(domains[6][d], 5)]
        for o, d in zip(origin, destination, strict=True)
    }
    followed = len(above)
    assert above == set(range(size**2 - followed, size**2)), "from the largest down, none left out between"


def test_flows_are_told_apart_by_time_where_they_are_more_than_their_deviation(disk: Disk) -> None:
    cells = disk(2)[6]
    flows = judged(cells, np.linspace(0.0, 2.0, cells.size**2))  # deviations are 1
    assert clear_pairs(flows, cells.size).tolist() == np.flatnonzero(flows.judged.mean > 1.0).tolist()
