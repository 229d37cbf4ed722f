"""What is published gives less away than what was measured, and exact thresholds are found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.region import Region
from hereabouts.risk.attack.known import ceiling
from hereabouts.risk.attack.onerun import rates_flagged
from hereabouts.risk.attack.pieces import Crowd, read_crowd
from hereabouts.risk.attack.published import Publisher, published_trials, threshold_canaries
from hereabouts.risk.intervals import area_under_curve, quantile
from hereabouts.windows import Window
from tests.risk.attack.conftest import BBOX

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries

EPSILONS = (0.5, 1.0, 2.0, 5.0, 10.0)
MU = 0.3
EVERYTHING = {"minimum": 0.0, "max_relative_halfwidth": float("inf")}


def publisher(queries: Queries, region: Region, window: Window, epsilon: float, *periods: str) -> Publisher:
    plan = Plan.model_validate(
        {
            "name": "attacked", "purpose": "research", "region": {"bbox": list(BBOX)}, "window": window.name,
            "epsilon": epsilon, "delta": 1e-6, "statistics": ["presence"],
            "presence": {"resolutions": [6, 7], "periods": list(periods)},
            "publish": EVERYTHING if periods[0] == "PT1H" else {},
        }
    )  # fmt: skip
    presence = {each.resolution: each for each in queries(epsilon) if each.statistic == "presence"}
    return Publisher(plan, window, Protection(region, 0, ()), {r: q for r, q in presence.items() if r is not None})


@pytest.fixture(scope="module")
def crowd(buckets: list[DeviceRows], queries: Queries) -> Crowd:
    return read_crowd(buckets, queries(1.0), 200, np.random.default_rng(3))


def at(crowd: Crowd, queries: Queries, epsilon: float) -> Crowd:
    pieces = zip(crowd.pieces, queries(epsilon), strict=True)
    return replace(crowd, pieces=tuple(replace(p, query=q) for p, q in pieces if q.statistic == "presence"))


@pytest.mark.parametrize("period", ["PT1H", "P1D", "P2D"])
def test_rows_are_read_where_they_belong(
    period: str, crowd: Crowd, queries: Queries, region: Region, window: Window
) -> None:
    """With hardly any noise what is published is what was counted, in its cell and hour."""
    made = publisher(queries, region, window, 20.0, period)
    sums = {
        piece.query.resolution: piece.sums.reshape(-1, window.hours) * 1_000
        for piece in crowd.pieces
        if piece.query.statistic == "presence" and piece.query.resolution is not None
    }
    for (resolution, _), (value, there) in made.publish(sums).items():
        days = {"PT1H": window.hours, "P1D": 2, "P2D": 1}[period]
        truth = sums[resolution].reshape(len(value), days, -1).mean(axis=2)
        assert value.shape == truth.shape
        assert there.sum() > 20
        assert np.corrcoef(value[there], truth[there])[0, 1] > 0.98


@pytest.mark.parametrize("epsilon", [2.0, 10.0])
def test_published_rows_tell_no_more_than_the_measurement(
    epsilon: float, crowd: Crowd, queries: Queries, region: Region, window: Window
) -> None:
    targets = np.arange(200)
    made = publisher(queries, region, window, epsilon, "PT1H", "P2D")
    one = at(crowd, queries, epsilon)
    area, error = area_under_curve(*published_trials(one, made, targets, 8, np.random.default_rng(6)))
    assert area < ceiling(one.strengths(targets)) + 4 * error


def test_a_release_that_spends_more_than_it_says_would_show(
    crowd: Crowd, queries: Queries, region: Region, window: Window
) -> None:
    """So that it means something that others do not: published at epsilon 20, and held to the ceiling of epsilon 2."""
    targets = np.arange(200)
    made = publisher(queries, region, window, 20.0, "PT1H", "P2D")
    area, error = area_under_curve(
        *published_trials(at(crowd, queries, 20.0), made, targets, 8, np.random.default_rng(6))
    )
    assert area > ceiling(at(crowd, queries, 2.0).strengths(targets)) + 4 * error


def test_rows_that_are_chosen_by_noisy_numbers_are_not_flagged(
    queries: Queries, region: Region, window: Window
) -> None:
    made = publisher(queries, region, window, 1.0, "P2D")
    rng = np.random.default_rng(7)
    assert sum(rates_flagged(*threshold_canaries(made, 20, rng), MU) for _ in range(3)) == 0


def test_rows_that_are_chosen_by_exact_counts_are_found(
    queries: Queries, region: Region, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 20 of 20 runs: whatever the published figure, whether there is one is decided by the count itself."""
    made = publisher(queries, region, window, 1.0, "P2D")

    def exact(_: Publisher, sums: dict[int, np.ndarray]) -> dict[tuple[int, str], tuple[np.ndarray, np.ndarray]]:
        means = {resolution: each.mean(axis=1, keepdims=True) for resolution, each in sums.items()}
        return {(resolution, "P2D"): (mean, mean >= 20) for resolution, mean in means.items()}

    monkeypatch.setattr(Publisher, "publish", exact)
    rng = np.random.default_rng(8)
    assert sum(rates_flagged(*threshold_canaries(made, 20, rng), MU) for _ in range(20)) >= 19


@pytest.mark.prove
def test_published_rows_tell_no_more_at_any_epsilon(
    crowd: Crowd, queries: Queries, region: Region, window: Window
) -> None:
    """4,000 trials in and out at each epsilon, with 99 % confidence for all five."""
    targets = np.arange(200)
    for epsilon in EPSILONS:
        one, made = at(crowd, queries, epsilon), publisher(queries, region, window, epsilon, "PT1H", "P2D")
        area, error = area_under_curve(*published_trials(one, made, targets, 40, np.random.default_rng(9)))
        assert area < ceiling(one.strengths(targets)) + quantile(1 - 0.02 / len(EPSILONS)) * error
