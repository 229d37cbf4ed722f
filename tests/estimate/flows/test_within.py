"""Children keep their totals, and in every slot stay within their parent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.estimate.flows.within import fit_within


@given(seed=st.integers(0, 2**32), parents=st.integers(1, 5), slots=st.integers(1, 24), empty=st.booleans())
@settings(max_examples=60, deadline=None)
def test_slots_keep_within_the_parent_and_add_up_to_the_total(seed: int, parents: int, slots: int, empty: bool) -> None:
    rng = np.random.default_rng(seed)
    above = rng.gamma(1.0, 10.0, (parents, slots))
    if empty and slots > 1:
        above[0, : slots // 2] = 0.0
    position = np.sort(rng.integers(-1, parents, 20))
    share = rng.random(20)
    held = np.bincount(position[position >= 0], share[position >= 0], parents)
    part = rng.choice([0.3, 0.9, 1.0], parents)
    totals = np.where(position >= 0, share / held.clip(1e-9)[position] * (part * above.sum(axis=1))[position], 5.0)
    children = rng.gamma(0.5, 1.0, (20, slots)) + 1e-3
    children *= (totals / children.sum(axis=1))[:, None]
    found = fit_within(children, totals, above, position)
    assert (found >= 0.0).all()
    assert np.array_equal(found[position < 0], children[position < 0]), "without a parent there is nothing to fit"
    for parent in range(parents):
        assert (found[position == parent].sum(axis=0) <= above[parent] * (1.0 + 1e-9)).all()
    assert (found.sum(axis=1) <= totals * (1.0 + 1e-9)).all()
    assert found.sum(axis=1) == pytest.approx(totals, rel=0.02)


def test_what_fits_is_hardly_moved() -> None:
    above = np.full((1, 4), 100.0)
    children = np.array([[10.0, 0.0, 30.0, 0.0], [0.0, 20.0, 0.0, 20.0]])
    found = fit_within(children, children.sum(axis=1), above, np.zeros(2, dtype=np.int64))
    assert found == pytest.approx(children, abs=0.1)


def test_nobody_is_nothing_to_fit() -> None:
    empty = np.empty((0, 3))
    assert fit_within(empty, np.empty(0), np.ones((2, 3)), np.empty(0, dtype=np.int64)).shape == (0, 3)
