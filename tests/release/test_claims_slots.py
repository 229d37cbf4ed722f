"""Days and hours of the day are parts of the window they are of."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from hereabouts.release.claims_slots import wrong_slots

WEEK = {"name": "2024-03-04/2024-03-11"}


def found(rows: list[tuple[int, int, str, float]], window: dict[str, str] = WEEK) -> str:
    """What is wrong about rows of (origin, destination, period, trips)."""
    origin, destination, period, trips = zip(*rows, strict=True)
    ends = [np.array(end, dtype=np.uint64) for end in (origin, destination)]
    resolution = np.full(len(rows), 6, dtype=np.int8)
    return wrong_slots(ends, resolution, pa.chunked_array([list(period)]), np.array(trips), window)


@pytest.mark.parametrize("period", ["P1D", "hour-of-day"])
def test_parts_that_add_up_to_more_are_told(period: str) -> None:
    assert found([(1, 2, "P7D", 50.0), (1, 2, period, 30.0), (1, 2, period, 20.0)]) == ""
    wrong = found([(1, 2, "P7D", 50.0), (1, 2, period, 30.0), (1, 2, period, 20.1)])
    assert wrong == f"a flow has 50.1 by {period}, and 50 over the window"


def test_only_what_is_published_can_be_compared() -> None:
    assert found([(1, 2, "P1D", 30.0), (2, 1, "P7D", 5.0), (1, 2, "hour-of-day", 90.0)]) == ""


def test_a_window_of_a_day_is_its_own_only_day() -> None:
    assert found([(1, 2, "P1D", 30.0)], {"name": "2024-03-04/2024-03-05"}) == ""
