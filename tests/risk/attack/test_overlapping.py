"""Two regions that overlap: what their releases give away, apart and together, is what theory says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.estimate.measurements import Measurements
from hereabouts.hexagons import parents_of
from hereabouts.privacy import measure as door
from hereabouts.privacy.mechanism import discrete_gaussian
from hereabouts.release.region import Region
from hereabouts.risk.attack import known
from hereabouts.risk.attack.overlapping import Overlap, every_second, exposed_by_difference, overlaps
from hereabouts.risk.attack.queries import queries_of
from hereabouts.risk.attack.run import sampled
from hereabouts.risk.intervals import area_under_curve
from hereabouts.windows import Window

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows

Measured = Callable[[float], Measurements]


def both_of(
    buckets: list[DeviceRows], measured: Measured, region: Region, window: Window, leaves: np.ndarray, epsilon: float
) -> Overlap:
    paid = measured(epsilon)
    return sampled(buckets, queries_of(paid, region, window)[0], queries_of(paid, region, window, leaves)[0], 3)


@pytest.fixture(scope="module")
def both(buckets: list[DeviceRows], measured: Measured, region: Region, window: Window) -> Overlap:
    return both_of(buckets, measured, region, window, every_second(region.leaves), 5.0)


def test_both_give_away_what_theory_says(both: Overlap) -> None:
    for run in overlaps(both, np.arange(both.whole.sampled), 10):
        area, error = area_under_curve(run.inside, run.outside)
        assert abs(area - known.ceiling(run.mu)) < 4.5 * error


def test_what_is_spent_adds_up(both: Overlap) -> None:
    """Together as much as either by itself: the squares of both lengths; and a difference is less than that."""
    targets = np.arange(both.whole.sampled)
    less, joint = overlaps(both, targets, 2)
    squares = both.whole.strengths(targets) ** 2 + both.part.strengths(targets) ** 2
    assert joint.mu**2 == pytest.approx(squares)
    assert (less.mu <= joint.mu + 1e-12).all()
    assert less.mu.max() > 0


def test_the_same_region_twice_differs_in_nothing(
    buckets: list[DeviceRows], measured: Measured, region: Region, window: Window
) -> None:
    """And a score along nothing is 0, not 0 / 0."""
    twice = both_of(buckets, measured, region, window, region.leaves, 5.0)
    targets = np.arange(50)
    less, joint = overlaps(twice, targets, 2)
    assert (less.mu == 0).all()
    assert (less.inside == 0).all()
    assert joint.mu == pytest.approx(np.sqrt(2) * twice.whole.strengths(targets))
    assert exposed_by_difference(twice, targets, 1) == 0


def test_noise_that_is_too_small_shows(both: Overlap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "discrete_gaussian", lambda count, scale: discrete_gaussian(count, scale / 2))
    for run in overlaps(both, np.arange(both.whole.sampled), 10):
        area, error = area_under_curve(run.inside, run.outside)
        assert area - known.ceiling(run.mu) > 5 * error


def test_exact_counts_show_people_where_regions_differ(both: Overlap) -> None:
    everybody = np.arange(both.whole.sampled)
    raw, threshold = (exposed_by_difference(both, everybody, least) for least in (1, 10))
    assert raw > both.whole.sampled / 2
    assert threshold <= raw


def test_every_second_cell_cuts_through_coarser_ones(region: Region) -> None:
    half = every_second(region.leaves)
    assert 0.4 < half.size / region.leaves.size < 0.7
    assert np.isin(half, region.leaves).all()
    assert np.isin(parents_of(region.leaves, 6), parents_of(half, 6)).all()
    alone = region.leaves[np.unique(parents_of(region.leaves, 6), return_index=True)[1]]
    assert every_second(alone).size == -(-alone.size // 2)
