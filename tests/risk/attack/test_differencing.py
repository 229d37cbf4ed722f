"""Two releases, and what their difference gives away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hereabouts.risk.attack import known
from hereabouts.risk.attack.differencing import advantage, advantage_bound, ceiling, differences
from hereabouts.risk.attack.pieces import read_crowd
from hereabouts.risk.intervals import area_under_curve

if TYPE_CHECKING:
    from hereabouts.catalogue.rows import DeviceRows
    from tests.risk.attack.conftest import Queries


def test_a_difference_gives_away_what_theory_says(buckets: list[DeviceRows], queries: Queries) -> None:
    crowd = read_crowd(buckets, queries(5.0), 200, np.random.default_rng(3))
    run = differences(crowd, np.arange(crowd.sampled), 20)
    area, error = area_under_curve(run.inside, run.outside)
    assert abs(area - ceiling(run.mu)) < 4.5 * error
    found, error = advantage(run.inside, run.outside, run.mu)
    assert abs(found - advantage_bound(run.mu)) < 4.5 * error


def test_it_is_less_than_who_knows_everybody_else_has_of_one_release() -> None:
    mu = np.linspace(0.1, 4.0, 20)
    assert ceiling(mu) < known.ceiling(mu)
    assert 0 < advantage_bound(mu) < 1
