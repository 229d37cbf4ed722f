"""Streams: the same name gives the same numbers, other names give unrelated ones."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.synthetic import draws


def numbers(seed: int, purpose: int, device: int, day: int, size: int = 20_000) -> NDArray[np.float64]:
    stream = np.empty(1, np.uint64)
    draws.open_stream(stream, np.uint64(seed), purpose, device, day)
    return np.array([draws.uniform(stream) for _ in range(size)])


def test_a_name_gives_its_numbers_again() -> None:
    np.testing.assert_array_equal(numbers(1, 2, 3, 4), numbers(1, 2, 3, 4))


@pytest.mark.parametrize("other", [(2, 2, 3, 4), (1, 3, 3, 4), (1, 2, 4, 4), (1, 2, 3, 5), (1, 2, 4, 3)])
def test_another_name_gives_unrelated_numbers(other: tuple[int, int, int, int]) -> None:
    assert abs(np.corrcoef(numbers(1, 2, 3, 4), numbers(*other))[0, 1]) < 0.03


def test_first_numbers_of_neighbouring_devices_are_even() -> None:
    first = np.array([numbers(0, 2, device, 0, size=1)[0] for device in range(5000)])
    assert np.histogram(first, bins=10, range=(0, 1))[0] == pytest.approx(500, abs=120)


def test_moments() -> None:
    stream = np.zeros(1, np.uint64)
    normal = np.array([draws.normal(stream) for _ in range(20_000)])
    exponential = np.array([draws.exponential(stream) for _ in range(20_000)])
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.03)
    assert (exponential.mean(), exponential.std()) == pytest.approx((1, 1), abs=0.03)
    assert {draws.below(stream, 3) for _ in range(100)} == {0, 1, 2}
