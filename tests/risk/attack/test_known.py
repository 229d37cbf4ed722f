"""The best attack there is, held to its theory: through the door to the noise, on exact sums in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.privacy import measure as door
from hereabouts.privacy.mechanism import discrete_gaussian
from hereabouts.risk.attack.known import ceiling, exposed, trials, true_rate, worst_area
from hereabouts.risk.attack.pieces import Crowd, read_crowd
from hereabouts.risk.intervals import area_under_curve, at_false_rate, quantile

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries

EPSILONS = (0.5, 1.0, 2.0, 5.0, 10.0)
# All five together are within their intervals but once in 100; every interval is wide enough for that.
SIMULTANEOUS = quantile(1 - 0.01 / len(EPSILONS))


@pytest.fixture(scope="module")
def crowd(buckets: list[DeviceRows], queries: Queries) -> Crowd:
    return read_crowd(buckets, queries(1.0), 200, np.random.default_rng(3))


def at(crowd: Crowd, queries: Queries, epsilon: float) -> Crowd:
    """The same crowd, measured at another epsilon."""
    pieces = zip(crowd.pieces, queries(epsilon), strict=True)
    return replace(crowd, pieces=tuple(replace(piece, query=query) for piece, query in pieces))


def distances(crowd: Crowd, queries: Queries, each: int) -> list[float]:
    """By how many standard errors the area is off its theory, at each epsilon."""
    found = []
    for epsilon in EPSILONS:
        run = trials(at(crowd, queries, epsilon), np.arange(crowd.sampled), each)
        assert run.inside.size == run.outside.size >= 1_000
        area, error = area_under_curve(run.inside, run.outside)
        found.append((area - ceiling(run.mu)) / error)
    return found


def test_the_area_is_what_theory_says(crowd: Crowd, queries: Queries) -> None:
    """At all epsilons together with 99 % confidence; chance is given one more try, so that it fails 1 in 10,000."""
    if max(map(abs, distances(crowd, queries, 10))) > SIMULTANEOUS:
        assert max(map(abs, distances(crowd, queries, 20))) <= SIMULTANEOUS


def test_scores_are_normal_as_claimed(crowd: Crowd, queries: Queries) -> None:
    run = trials(at(crowd, queries, 2.0), np.arange(200), 50)
    assert run.outside.mean() == pytest.approx(0.0, abs=0.05)
    assert run.outside.std() == pytest.approx(1.0, abs=0.04)
    assert (run.inside - run.mu[:, None]).mean() == pytest.approx(0.0, abs=0.05)
    found = at_false_rate(run.inside, run.outside, 0.01)
    assert found.true / found.inside == pytest.approx(true_rate(run.mu, 0.01), abs=0.03)


def test_half_of_the_noise_is_seen(crowd: Crowd, queries: Queries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "discrete_gaussian", lambda count, scale: discrete_gaussian(count, scale / 2))
    run = trials(at(crowd, queries, 2.0), np.arange(200), 20)
    area, error = area_under_curve(run.inside, run.outside)
    assert area - ceiling(run.mu) > 5 * error


def test_exact_counts_show_everybody(crowd: Crowd) -> None:
    everybody = np.arange(crowd.sampled)
    assert exposed(crowd, everybody, 1) == crowd.sampled
    assert 0 < exposed(crowd, everybody, 10) <= crowd.sampled
    assert exposed(crowd, everybody, 10_000) == 0


def test_who_adds_nothing_shows_nothing(crowd: Crowd) -> None:
    """Not 0 / 0: scores of a target without a vector are all 0, and its area is a half."""
    empty = replace(crowd, pieces=tuple(replace(p, sample=p.sample.take(np.array([0]))) for p in crowd.pieces))
    start = np.zeros(2, dtype=np.int64)
    nothing = [replace(piece, sample=replace(piece.sample, start=start)) for piece in empty.pieces]
    run = trials(replace(empty, sampled=1, pieces=tuple(nothing)), np.array([0]), 4)
    assert (run.inside == 0).all()
    assert (run.outside == 0).all()
    assert ceiling(run.mu) == 0.5


def test_who_knows_nothing_learns_half(crowd: Crowd) -> None:
    assert ceiling(np.zeros(3)) == 0.5
    assert true_rate(np.zeros(3), 0.01) == pytest.approx(0.01)


def test_nobody_is_above_the_worst(queries: Queries) -> None:
    """``Phi(sqrt rho)``: 0.5 where nothing is paid, and more the more is."""
    assert worst_area(0.0) == 0.5
    assert worst_area(0.02) == pytest.approx(0.556, abs=1e-3)
    assert sum(float(query.rho) for query in queries(1.0)) < 0.05


@pytest.mark.prove
def test_the_area_is_what_theory_says_of_many_trials(crowd: Crowd, queries: Queries) -> None:
    """20,000 trials in and out at each epsilon; outside the interval by chance once in 100."""
    assert max(map(abs, distances(crowd, queries, 100))) <= SIMULTANEOUS
