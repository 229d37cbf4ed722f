from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.report.geometry import View
from hereabouts.report.land import clip, land_in


def area(rings: list[NDArray[np.float64]]) -> float:
    """Square degrees within rings; holes run the other way round and count against."""
    total = sum(float(np.sum(r[:, 0] * np.roll(r[:, 1], -1) - r[:, 1] * np.roll(r[:, 0], -1))) for r in rings)
    return abs(total) / 2


def share_of_land(view: View) -> float:
    return area(land_in(view, 0.0)) / ((view.east - view.west) * (view.north - view.south))


def test_beijing_is_land_and_the_ocean_is_not() -> None:
    assert share_of_land(View(115.4, 39.4, 117.5, 41.1)) == pytest.approx(1.0)
    assert land_in(View(-150.0, 0.0, -149.0, 1.0), 0.0) == []


def test_a_coast_has_both() -> None:
    assert 0.2 < share_of_land(View(-74.3, 40.4, -73.7, 40.9)) < 0.95


def test_land_past_the_180th_meridian_is_found_from_either_side() -> None:
    for west in (170.0, -190.0):
        assert 0.5 < share_of_land(View(west, 66.0, west + 20.0, 69.0)) < 0.9
    assert 0.01 < share_of_land(View(177.0, -19.0, 181.5, -16.0)) < 0.4


def test_the_south_pole_is_land() -> None:
    assert share_of_land(View(-180.0, -89.9, 180.0, -86.0)) == pytest.approx(1.0, abs=0.01)


def test_clipping_cuts_at_the_boxs_edges() -> None:
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    cut = clip(square, View(1.0, -1.0, 2.0, 2.0))
    assert area([cut]) == pytest.approx(2.0)
    assert cut.min(axis=0).tolist() == [1.0, 0.0]
    assert cut.max(axis=0).tolist() == [2.0, 2.0]
    assert len(clip(square, View(9.0, 9.0, 10.0, 10.0))) == 0


def test_points_too_near_to_be_seen_are_left_out() -> None:
    view = View(-75.0, 40.0, -73.0, 41.5)
    fine, coarse = (sum(map(len, land_in(view, finest))) for finest in (0.0, 0.05))
    assert 0 < coarse < fine / 2
