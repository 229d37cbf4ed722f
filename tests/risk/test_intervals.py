"""Intervals of rates hold the rate as often as they say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.risk.intervals import wilson


def test_it_is_wilsons() -> None:
    """Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662, 0 of 20 is 0 to 0.1611."""
    assert [round(end, 4) for end in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(end, 4) for end in wilson(0, 20)] == [0.0, 0.1611]


@given(n=st.integers(1, 10_000), data=st.data())
def test_it_holds_the_rate_and_lies_between_none_and_all(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("n", "rate"), [(50, 0.02), (200, 0.5), (1000, 0.97)])
def test_it_covers_about_95_of_100(n: int, rate: float) -> None:
    held = 0.0
    for hits in range(n + 1):
        low, high = wilson(hits, n)
        if low <= rate <= high:
            held += math.comb(n, hits) * rate**hits * (1 - rate) ** (n - hits)
    assert 0.92 < held < 0.98


@pytest.mark.parametrize(("hits", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_rate_has_none(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="expected 0 <= hits <= n"):
        wilson(hits, n)
