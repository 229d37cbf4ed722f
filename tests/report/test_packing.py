from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.report.packing import figure_codes, pack, step_for, unpack

numbers = st.integers(-(2**31), 2**32 - 1)


@given(st.lists(numbers, max_size=50))
def test_numbers_come_back_modulo_32_bits(values: list[int]) -> None:
    block = pack(np.array(values, dtype=np.int64))
    assert unpack(block).tolist() == [value % 2**32 for value in values]


def test_small_numbers_take_two_bytes() -> None:
    assert pack(np.array([0, 65_535])).width == 2
    assert pack(np.array([0, 65_536])).width == 4
    assert pack(np.array([-1])).width == 4


def test_empty_matrices_cost_next_to_nothing() -> None:
    assert len(pack(np.zeros((3, 9094, 168))).text) < 12_000


@given(
    st.floats(0, 1e6),
    st.floats(0, 1e3),
    st.floats(0, 1e3),
    st.sampled_from([0.01, 0.1, 1.0]),
)
def test_a_figure_is_kept_to_half_a_step_and_its_interval_never_shrinks(
    value: float, below: float, above: float, step: float
) -> None:
    low, high = max(0.0, value - below), value + above
    codes = figure_codes(np.array([value]), np.array([low]), np.array([high]), step)[:, 0]
    middle = (codes[0] - 1) * step
    assert codes[0] >= 1
    assert middle == pytest.approx(value, abs=0.5001 * step)
    assert middle - codes[1] * step <= low + 1e-4 * step
    assert middle + codes[2] * step >= high - 1e-4 * step


def test_the_step_is_at_least_five_times_finer_than_the_noise() -> None:
    assert step_for(np.array([60.0])) == 1.0
    assert step_for(np.array([9.0])) == 1.0
    assert step_for(np.array([3.0])) == 0.1
    assert step_for(np.array([0.2])) == 0.01
    assert step_for(np.array([0.0])) == 0.01
    assert step_for(np.array([])) == 1.0
