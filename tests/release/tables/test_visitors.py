"""The visitors table: a row a cell and day, and a cell over the window."""

from __future__ import annotations

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.visitors.levels import Visitors
from hereabouts.release.plan import Plan, Publish
from hereabouts.release.tables.rows import Level, Table
from hereabouts.release.tables.visitors import visitors_table
from hereabouts.windows import Window

Floats = NDArray[np.float64]
EVERYTHING = Publish(minimum=0.0, max_relative_halfwidth=float("inf"))
THREE = np.unique(np.asarray(h3.grid_disk(h3.latlng_to_cell(48.85, 2.35, 7), 1), dtype=np.uint64))[:3]


def made(values: Floats, half: float) -> Visitors:
    return Visitors(values, np.full(values.shape, (half / 1.96) ** 2), np.maximum(values - half, 0.0), values + half)


@pytest.fixture
def published(plan: Plan, window: Window) -> dict[str, Table]:
    """With and without what is too small or too unsure: the numbers are 0, 10, 20, ... by cell and day."""
    days = 10.0 * np.arange(21.0).reshape(3, 7)
    estimates = {(7, "P1D"): made(days, 24.0), (7, "P7D"): made(days.max(axis=1, keepdims=True), 24.0)}
    visitors = plan.visitors.model_copy(update={"resolutions": (7,), "periods": ("P1D", "P7D")})
    wanted = plan.model_copy(update={"statistics": ("visitors",), "visitors": visitors})
    return {
        name: visitors_table(estimates, {7: THREE}, window, wanted.model_copy(update={"publish": rule}))
        for name, rule in (("default", Publish()), ("everything", EVERYTHING))
    }


def test_every_row_may_be_published(published: dict[str, Table], window: Window) -> None:
    table = published["everything"]
    assert table.levels == {"7/P1D": Level(21, 21), "7/P7D": Level(3, 3)}
    rows = table.content.to_pylist()
    assert [row["devices"] for row in rows] == [*(10.0 * n for n in range(21)), 60.0, 130.0, 200.0]
    assert [row["cell"] for row in rows[:8]] == [*[f"{THREE[0]:x}"] * 7, f"{THREE[1]:x}"]
    starts = [row["start"].timestamp() for row in rows]
    assert starts[:7] == window.day_starts().tolist()
    assert set(starts[21:]) == {window.start}
    assert {row["resolution"] for row in rows} == {7}


def test_rows_that_are_too_small_or_too_unsure_stay_inside_their_parents(published: dict[str, Table]) -> None:
    rows = published["default"].content.to_pylist()
    assert [row["devices"] for row in rows if row["period"] == "P1D"] == [10.0 * n for n in range(5, 21)]
    assert published["default"].levels["7/P1D"] == Level(16, 21)


def test_what_is_unknown_has_no_row(plan: Plan, window: Window) -> None:
    """NaN: below a protected parent."""
    values = np.array([[50.0], [np.nan], [70.0]])
    visitors = plan.visitors.model_copy(update={"resolutions": (7,), "periods": ("P7D",)})
    wanted = plan.model_copy(update={"visitors": visitors, "publish": EVERYTHING})
    table = visitors_table({(7, "P7D"): made(values, 5.0)}, {7: THREE}, window, wanted)
    assert table.content["devices"].to_pylist() == [50.0, 70.0]
    assert table.levels == {"7/P7D": Level(2, 3)}
