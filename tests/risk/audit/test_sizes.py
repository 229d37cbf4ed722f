"""Size and precision against what laws count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.risk.audit.precision import GRID, across, precision_of
from hereabouts.risk.audit.sizes import sizes, thresholds
from hereabouts.risk.figures import quantity, rounded

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf

MONDAY = 1_709_510_400


@pytest.mark.parametrize(
    ("american", "others", "told"),
    [(50, 50, 60), (50, 0, 60), (50, 1, 60), (50, 19, 60), (0, 50, None), (1, 50, None), (19, 50, None)],
)
def test_devices_that_may_be_american_are_counted_where_they_are_many(
    traces_of: TracesOf, american: int, others: int, told: int | None
) -> None:
    rows = [(d, MONDAY, 40.7, -74.0) for d in range(american)] + [(500 + d, MONDAY, 52.0, -1.0) for d in range(others)]
    every, inside = sizes(traces_of(rows))
    assert every.value == rounded(american + others)
    assert inside.value == told
    assert inside.source.startswith("28 CFR 202")


@pytest.mark.parametrize(("metres", "precise"), [(1.1, 2), (across(8), 2), (970, 1), (across(7), 0)])
def test_a_grid_is_precise_where_its_fields_are_smaller_than_the_circle_of_a_law(
    traces_of: TracesOf, metres: float, precise: int
) -> None:
    _, inside = sizes(traces_of([(d, MONDAY, 40.7, -74.0) for d in range(1500)]))
    grid = quantity("width", metres, metres, metres, 1_500, GRID)
    geolocation, bulk = thresholds(inside, grid)
    assert geolocation.text.replace("not precise", "").count("precise") == precise
    assert "At most some 1,500 devices" in bulk.text
    assert "more than 1,000 would be bulk" in bulk.text


def test_of_a_few_devices_nothing_is_said(traces_of: TracesOf) -> None:
    _, inside = sizes(traces_of([(d, MONDAY, 52.0, -1.0) for d in range(30)]))
    geolocation, bulk = thresholds(inside, precision_of(np.zeros((30, 2)))[0])
    assert "not known" in geolocation.text
    assert "None of the devices, or fewer than 20" in bulk.text
