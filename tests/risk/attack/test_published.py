"""What is published gives less away than what was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import special

from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.region import Region
from hereabouts.risk.attack.clusters import area_together
from hereabouts.risk.attack.known import ceiling
from hereabouts.risk.attack.pieces import Crowd, read_crowd
from hereabouts.risk.attack.published import Publisher, published_trials
from hereabouts.risk.intervals import quantile
from hereabouts.windows import Window
from tests.risk.attack.conftest import BBOX

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries

EPSILONS = (0.5, 1.0, 2.0, 5.0, 10.0)
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


def excess(crowd: Crowd, made: Publisher, pairs: int, ceiling_of: Crowd) -> float:
    """By how many standard errors, between publications, the area is above the ceiling of a crowd."""
    targets = np.arange(200)
    area, low, high = area_together(*published_trials(crowd, made, targets, pairs, np.random.default_rng(6)))
    error = (high - low) / 2 / float(special.stdtrit(pairs - 1, 0.975))
    return (area - ceiling(ceiling_of.strengths(targets))) / error


def test_a_pair_tries_each_target_in_and_out(
    crowd: Crowd, queries: Queries, region: Region, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is published of a pair differs by who is in: everybody is in one of the two."""
    one, made = at(crowd, queries, 2.0), publisher(queries, region, window, 2.0, "PT1H")
    totals: list[int] = []

    def publish(_: Publisher, sums: dict[int, np.ndarray]) -> dict[tuple[int, str], tuple[np.ndarray, np.ndarray]]:
        totals.append(int(sums[7].sum()))
        return {(r, "PT1H"): (each.astype(float), np.ones(each.shape, bool)) for r, each in sums.items()}

    monkeypatch.setattr(Publisher, "publish", publish)
    inside, outside = published_trials(one, made, np.arange(200), 3, np.random.default_rng(6))
    everybody, sample = int(one.pieces[1].sums.sum()), one.pieces[1].sample.entry.size
    assert [a + b for a, b in zip(totals[::2], totals[1::2], strict=True)] == [2 * everybody - sample] * 3
    assert (inside > 0).all()
    assert (outside == 0).all()


@pytest.mark.parametrize("epsilon", [2.0, 10.0])
def test_published_rows_tell_no_more_than_the_measurement(
    epsilon: float, crowd: Crowd, queries: Queries, region: Region, window: Window
) -> None:
    made, one = publisher(queries, region, window, epsilon, "PT1H", "P2D"), at(crowd, queries, epsilon)
    assert excess(one, made, 6, one) < 5


def test_a_release_that_spends_more_than_it_says_would_show(
    crowd: Crowd, queries: Queries, region: Region, window: Window
) -> None:
    """So that it means something that others do not: published at epsilon 20, and held to the ceiling of epsilon 2."""
    made = publisher(queries, region, window, 20.0, "PT1H", "P2D")
    assert excess(at(crowd, queries, 20.0), made, 6, at(crowd, queries, 2.0)) > 5


@pytest.mark.prove
@pytest.mark.parametrize("epsilon", EPSILONS)
def test_published_rows_tell_no_more_at_any_epsilon(
    epsilon: float, crowd: Crowd, queries: Queries, region: Region, window: Window
) -> None:
    """1,000 publications with fresh noise at each epsilon: not above the ceiling, with 99 % confidence for all five."""
    one, made = at(crowd, queries, epsilon), publisher(queries, region, window, epsilon, "PT1H", "P2D")
    assert excess(one, made, 500, one) < quantile(1 - 0.02 / len(EPSILONS))
