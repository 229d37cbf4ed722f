"""Boxes and rows of cells hold whatever is within reach of a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely import LineString, Point, box

from hereabouts.feeds.places.shapes import parts_of
from hereabouts.feeds.places.spans import columns_of, reached, spans_of

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Listed

ROWS, SHIFT = 128, 4


def spans(listed: Listed, shape: object, reach: float) -> list[list[int]]:
    parts = parts_of(listed([shape]).shape)
    metres = np.array([reach])
    columns = columns_of(ROWS, SHIFT)
    found = spans_of(parts, metres, reached(parts, metres), np.array([0]), float(ROWS), SHIFT, columns)
    return [list(map(int, span)) for span in found]


def test_a_box_around_a_circle_grows_wider_to_the_poles(listed: Listed) -> None:
    parts = parts_of(listed([Point(0, 60), Point(0, -89.9), Point(10, 0.01)]).shape)
    west, south, east, north = reached(parts, np.array([111_195.08, 50_000.0, 0.0])).T
    assert south[0] == pytest.approx(59, abs=1e-5)
    assert north[0] == pytest.approx(61, abs=1e-5)
    assert 1.99 < east[0] < 2.01, "more than one degree over the cosine of 60: where a meridian touches the circle"
    assert east[1] - west[1] >= 360, "the pole is in it"
    assert south[1] == -90
    assert (west[2], east[2]) == pytest.approx((10, 10), abs=2e-6)
    assert west[2] < 10 < east[2], "something is always added"


def test_rows_of_an_area_reach_from_its_western_to_its_eastern_edge(listed: Listed) -> None:
    found = spans(listed, box(10.0, 50.0, 10.1, 50.05), 10.0)
    columns = columns_of(ROWS, SHIFT)
    assert {row for _, row, _, _ in found} == set(range(int(139.9999 * ROWS), int(140.0501 * ROWS) + 1))
    for _, row, first, last in found:
        per_degree = columns[row >> SHIFT]
        assert 190.0 * per_degree - 2 < first <= 190.0 * per_degree
        assert 190.1 * per_degree + 1 > last >= 190.1 * per_degree - 1


def test_what_crosses_the_antimeridian_has_cells_on_both_sides(listed: Listed) -> None:
    found = spans(listed, Point(180, 10), 10.0)
    per_degree = columns_of(ROWS, SHIFT)[int(100.0 * ROWS) >> SHIFT]
    assert [0, 0] in [span[2:] for span in found], "from -180 on"
    assert int(360.0 * per_degree) in [span[3] for span in found], "180 itself is a column of its own, or the last one"


def test_a_slanting_line_has_few_cells_in_each_row(listed: Listed) -> None:
    found = spans(listed, LineString([(0, 0), (1, 1)]), 10.0)
    assert len(found) in {ROWS + 1, ROWS + 2}
    assert max(last - first for _, _, first, last in found) <= 3


def test_columns_are_never_wider_than_rows_are_high_and_never_lack() -> None:
    for rows, shift in ((2048, 8), (128, 4), (2, 0)):
        columns = columns_of(rows, shift)
        assert len(columns) == (180 * rows >> shift) + 1
        assert columns.max() == rows
        assert columns.min() > 0
