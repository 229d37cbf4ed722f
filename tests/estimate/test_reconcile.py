"""Levels that agree: children add up to their parent, nothing is negative, the least certain moves the most."""

from __future__ import annotations

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.reconcile import join_upward, parent_positions, share_downward

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@st.composite
def families(draw: st.DrawFn) -> tuple[Floats, Floats, Floats, Integers]:
    """Parents, children, variances of the children, and whose they are; values from zero to a million."""
    sizes = draw(st.lists(st.integers(1, 60), min_size=1, max_size=4))
    columns = draw(st.integers(1, 3))
    position = np.repeat(np.arange(len(sizes)), sizes)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    scale = np.array(draw(st.lists(st.sampled_from([0.0, 1e-6, 1.0, 50.0, 1e6]), min_size=2, max_size=3)))
    spread = draw(st.floats(0.0, 8.0))
    children = rng.choice(scale, (position.size, columns)) * rng.random((position.size, columns))
    parents = rng.choice(scale, (len(sizes), columns)) * rng.random((len(sizes), columns))
    variance = 10.0 ** rng.uniform(-spread, spread, children.shape)
    return parents, children, variance, position


def sums(children: Floats, position: Integers, parents: int) -> Floats:
    found = np.zeros((parents, children.shape[1]))
    np.add.at(found, position, children)
    return found


@given(family=families())
@settings(max_examples=300, deadline=None)
def test_children_add_up_to_their_parent_and_none_is_negative(
    family: tuple[Floats, Floats, Floats, Integers],
) -> None:
    parents, children, variance, position = family
    before = children.copy()
    found = share_downward(parents, children, variance, position)
    assert found.shape == children.shape
    assert (found >= 0.0).all()
    assert sums(found, position, len(parents)) == pytest.approx(parents, rel=1e-9, abs=1e-6)
    assert np.array_equal(children, before), "what it was given is left alone"


@given(family=families())
@settings(max_examples=100, deadline=None)
def test_what_agrees_already_stays(family: tuple[Floats, Floats, Floats, Integers]) -> None:
    _, children, variance, position = family
    parents = sums(children, position, int(position[-1]) + 1)
    assert share_downward(parents, children, variance, position) == pytest.approx(children, rel=1e-6, abs=1e-6)


@given(family=families())
@settings(max_examples=100, deadline=None)
def test_all_children_of_a_parent_move_the_same_way(family: tuple[Floats, Floats, Floats, Integers]) -> None:
    parents, children, variance, position = family
    moved = share_downward(parents, children, variance, position) - children
    more = parents > sums(children, position, len(parents))
    tolerance = 1e-6 + 1e-9 * parents.max()
    assert (np.where(more[position], moved, -moved) >= -tolerance).all()


def test_a_gap_is_shared_by_variance() -> None:
    position = np.zeros(3, dtype=np.int64)
    children, variance = np.array([[10.0], [10.0], [10.0]]), np.array([[1.0], [2.0], [3.0]])
    assert share_downward(np.array([[36.0]]), children, variance, position)[:, 0] == pytest.approx([11.0, 12.0, 13.0])
    assert share_downward(np.array([[24.0]]), children, variance, position)[:, 0] == pytest.approx([9.0, 8.0, 7.0])


def test_what_a_child_at_zero_cannot_give_the_others_give() -> None:
    position = np.zeros(3, dtype=np.int64)
    children, variance = np.array([[1.0], [10.0], [10.0]]), np.array([[98.0], [1.0], [1.0]])
    found = share_downward(np.array([[11.0]]), children, variance, position)
    assert found[:, 0] == pytest.approx([0.0, 5.5, 5.5])


def test_a_parent_of_nothing_has_children_of_nothing() -> None:
    found = share_downward(np.zeros((1, 2)), np.full((7, 2), 3.0), np.ones((7, 2)), np.zeros(7, dtype=np.int64))
    assert found == pytest.approx(np.zeros((7, 2)))


def test_children_of_nothing_share_what_their_parent_has() -> None:
    found = share_downward(np.array([[14.0]]), np.zeros((7, 1)), np.ones((7, 1)), np.zeros(7, dtype=np.int64))
    assert found[:, 0] == pytest.approx(np.full(7, 2.0))


def test_children_that_are_certain_never_exceed_their_parent() -> None:
    """Without any variance there is nothing to share by: less is scaled, more stays with the parent."""
    certain = np.zeros((2, 1))
    position = np.zeros(2, dtype=np.int64)
    found = share_downward(np.array([[5.0]]), np.array([[6.0], [4.0]]), certain, position)
    assert found[:, 0] == pytest.approx([3.0, 2.0])
    found = share_downward(np.array([[5.0]]), np.zeros((2, 1)), certain, position)
    assert found[:, 0].tolist() == [0.0, 0.0]


def test_an_only_child_is_its_parent() -> None:
    parents = np.array([[3.0], [0.0], [9.0]])
    found = share_downward(parents, np.array([[1.0], [5.0], [9.0]]), np.ones((3, 1)), np.arange(3, dtype=np.int64))
    assert found == pytest.approx(parents)


def test_no_children_at_all() -> None:
    nobody = np.empty((0, 1))
    assert share_downward(nobody, nobody, nobody, np.empty(0, dtype=np.int64)).shape == (0, 1)


@pytest.mark.parametrize("steps", [1, 2])
def test_joining_upward_weighs_by_what_is_more_exact(steps: int) -> None:
    """Against a simulation: the joined value is as exact as it says, and more so than either."""
    rng = np.random.default_rng(steps)
    rows, children = 20_000, 7**steps
    truth = np.full((rows, 1), 100.0)
    parent = truth + rng.normal(0.0, 10.0, (rows, 1))
    summed = truth + rng.normal(0.0, 3.0 * np.sqrt(children), (rows, 1))
    joined, variance = join_upward(parent, 100.0, summed, 9.0, steps)
    assert variance < min(100.0, 9.0 * children)
    assert float(((joined - truth) ** 2).mean()) == pytest.approx(variance, rel=0.05)
    assert float(joined.mean()) == pytest.approx(100.0, abs=0.3)


def test_a_parent_that_says_little_leaves_the_word_to_its_children() -> None:
    joined, variance = join_upward(np.array([[500.0]]), 1e12, np.array([[70.0]]), 1.0, 1)
    assert joined[0, 0] == pytest.approx(70.0)
    assert variance == pytest.approx(7.0)


def test_positions_of_parents_go_by_index() -> None:
    leaves = np.unique(np.asarray(h3.grid_disk(h3.latlng_to_cell(48.85, 2.35, 7), 6), dtype=np.uint64))
    for resolution in range(8):
        parents = np.unique(np.array([h3.cell_to_parent(leaf, resolution) for leaf in leaves], dtype=np.uint64))
        found = parent_positions(leaves, parents, resolution)
        assert [h3.cell_to_parent(leaf, resolution) for leaf in leaves] == parents[found].tolist()
        assert (np.diff(found) >= 0).all(), "children of one parent stand together"
        assert np.unique(found).tolist() == list(range(parents.size))
