"""Finer flows are looked for below the pairs that stood out, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.flows import expand
from hereabouts.estimate.flows.expand import all_pairs, pairs_below
from hereabouts.estimate.measurements import FlowLevel

Domains = Mapping[int, NDArray[np.uint64]]
Integers = NDArray[np.int64]
Disk = Callable[[int], Domains]


def measured(domains: Domains, resolution: int, noisy: Integers, pairs: Integers | None = None) -> FlowLevel:
    """Flows with noise of standard deviation 100."""
    return FlowLevel(
        resolution=resolution,
        asked=True,
        pairs=all_pairs(domains[resolution].size) if pairs is None else pairs,
        noisy=noisy,
        variance=10_000.0,
        unit=256,
        totals=(0, 0),
        totals_variance=1.0,
    )


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
def test_what_is_chosen_are_exactly_the_children_of_what_stood_out(
    disk: Disk, seed: int, chosen: int, steps: int
) -> None:
    domains = disk(4)
    coarse, fine = domains[5], domains[5 + steps]
    rng = np.random.default_rng(seed)
    noisy = np.asarray(rng.normal(0.0, 80.0, coarse.size**2), dtype=np.int64)
    noisy[noisy > 250] = 250  # exactly 2.5 deviations do not stand out
    out = rng.choice(noisy.size, chosen, replace=False)
    noisy[out] = 251
    expected = set()
    for pair in out.tolist():
        origin, destination = divmod(pair, coarse.size)
        for o in children(domains, coarse[origin], 5 + steps):
            expected |= {o * fine.size + d for d in children(domains, coarse[destination], 5 + steps)}
    found = pairs_below(measured(domains, 5, noisy), domains, 5 + steps)
    assert found.dtype == np.int64
    assert found.tolist() == sorted(expected), "sorted, each once"


def test_a_level_that_was_expanded_itself_is_expanded_further(disk: Disk) -> None:
    """Only what was measured there can stand out."""
    domains = disk(4)
    size = domains[6].size
    pairs = np.array([0, 5, 7 * size + 3], dtype=np.int64)
    found = pairs_below(measured(domains, 6, np.array([0, 1000, 1000]), pairs), domains, 7)
    ends = {(int(o), int(d)) for o, d in zip(*np.divmod(found, domains[7].size), strict=True)}
    of = [children(domains, cell, 7) for cell in domains[6]]
    assert ends == {(o, d) for a, b in ((0, 5), (7, 3)) for o in of[a] for d in of[b]}


@pytest.mark.parametrize("noisy", [0, -1000, 250])
def test_where_nothing_stands_out_nothing_is_expanded(noisy: int, disk: Disk) -> None:
    domains = disk(3)
    level = measured(domains, 5, np.full(domains[5].size ** 2, noisy))
    found = pairs_below(level, domains, 6)
    assert found.size == 0
    assert found.dtype == np.int64
    nothing = measured(domains, 6, np.empty(0, dtype=np.int64), found)
    assert pairs_below(nothing, domains, 7).size == 0


def test_of_too_many_the_largest_are_followed(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    domains = disk(4)
    size = domains[5].size
    noisy = 1000 + np.arange(size**2)
    level = measured(domains, 5, noisy)
    everything = pairs_below(level, domains, 6)
    assert everything.size == domains[6].size ** 2
    most = everything.size // 3
    monkeypatch.setattr(expand, "MOST_PAIRS", most)
    found = pairs_below(level, domains, 6)
    assert most // 2 < found.size <= most
    origin, destination = np.divmod(found, domains[6].size)
    position = {c: p for p, c in enumerate(domains[5].tolist())}
    above = {
        position[h3.cell_to_parent(domains[6][o], 5)] * size + position[h3.cell_to_parent(domains[6][d], 5)]
        for o, d in zip(origin, destination, strict=True)
    }
    followed = len(above)
    assert above == set(range(size**2 - followed, size**2)), "from the largest down, none left out between"


def test_the_more_certain_of_two_equal_values_stands_out_no_more_for_its_size(disk: Disk) -> None:
    """What counts is the value in deviations of its own noise: scaled units change nothing."""
    domains = disk(3)
    rng = np.random.default_rng(1)
    noisy = np.asarray(rng.normal(0.0, 200.0, domains[5].size ** 2), dtype=np.int64)
    level = measured(domains, 5, noisy)
    scaled = FlowLevel(5, True, level.pairs, noisy * 10, level.variance * 100.0, 2560, (0, 0), 1.0)
    assert np.array_equal(pairs_below(level, domains, 6), pairs_below(scaled, domains, 6))
