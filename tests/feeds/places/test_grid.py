"""The grid: places of every size find a level, and positions in their cells find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely import Point, box

from hereabouts.feeds.places import grid
from hereabouts.feeds.places.grid import Level, find, levels_of
from hereabouts.feeds.places.shapes import parts_of

if TYPE_CHECKING:
    from tests.feeds.places.conftest import Listed


def candidates(level: Level, latitude: float, longitude: float) -> list[int]:
    near, cells = np.empty(1, np.int32), np.empty(1, np.int32)
    columns = (level.rows, level.shift, level.columns, level.slots, level.bases)
    if not find(np.array([latitude]), np.array([longitude]), 0, 1, *columns, near, cells):
        return []
    return list(map(int, level.candidates[level.starts[cells[0]] : level.starts[cells[0] + 1]]))


def test_each_place_is_on_the_first_level_where_it_is_small(listed: Listed) -> None:
    sizes = [1e-4, 0.02, 0.1, 1.0, 60.0]
    parts = parts_of(listed([box(0, 0, size, size) for size in sizes]).shape)
    levels = levels_of(parts, np.full(5, 100.0))
    assert [level.rows for level in levels] == [2048, 512, 128, 16, 2]
    assert [sorted(set(level.candidates.tolist())) for level in levels] == [[0], [1], [2], [3], [4]]


def test_levels_that_no_place_needs_cost_nothing(listed: Listed) -> None:
    parts = parts_of(listed([Point(1, 1), Point(2, 2)]).shape)
    assert [level.rows for level in levels_of(parts, np.array([100.0, 610.0]))] == [2048, 512]


def test_of_very_many_places_cells_are_coarser(listed: Listed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "_MOST_ON_FINEST", 2)
    parts = parts_of(listed([Point(1, 1), Point(2, 2), Point(3, 3)]).shape)
    (level,) = levels_of(parts, np.full(3, 100.0))
    assert level.rows == 1024
    assert [candidates(level, at, at) for at in (1.0, 2.0, 3.0, 4.0)] == [[0], [1], [2], []]


def test_a_cell_knows_all_that_reach_into_it_in_the_lists_order(listed: Listed) -> None:
    parts = parts_of(listed([Point(1.0, 1.0), Point(1.0018, 1.0), Point(1.0009, 1.0)]).shape)
    (level,) = levels_of(parts, np.full(3, 120.0))
    assert candidates(level, 1.0, 1.0009) == [0, 1, 2]
    assert candidates(level, 1.0, 1.0) == [0, 2]
    assert candidates(level, 1.0, 1.02) == []
    assert candidates(level, -1.0, 1.0) == []


def test_the_edges_of_the_globe_are_cells_too(listed: Listed) -> None:
    parts = parts_of(listed([Point(77, 90), Point(0, -90), Point(180, 1)]).shape)
    (level,) = levels_of(parts, np.full(3, 50.0))
    assert candidates(level, 90.0, -100.0) == [0]
    assert candidates(level, 90.0, 180.0) == [0]
    assert candidates(level, -90.0, -180.0) == [1]
    assert candidates(level, 1.0, 180.0) == [2]
    assert candidates(level, 1.0, -180.0) == [2]


def test_crowded_tables_lose_nothing(listed: Listed) -> None:
    rng = np.random.default_rng(4)
    spots = rng.uniform([-60, -180], [60, 180], (3000, 2))
    parts = parts_of(listed([Point(x, y) for y, x in spots]).shape)
    (level,) = levels_of(parts, np.full(3000, 1.0))
    assert all(number in candidates(level, *spot) for number, spot in enumerate(spots.tolist()))
