"""From trials to figures: right numbers, and none about few."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hereabouts.risk.attack.figures import from_exposed, from_scores
from hereabouts.risk.figures import TOO_FEW, Procedure

HOW = Procedure("a trial", "a test")


def test_scores_become_an_area_a_rate_and_a_bound() -> None:
    rng = np.random.default_rng(1)
    rates = from_scores("raw", rng.normal(3, 1, (40, 50)), rng.normal(0, 1, (40, 50)), 1e-6, HOW)
    assert rates.area.value == pytest.approx(0.983, abs=0.01)
    assert rates.found.value == pytest.approx(0.75, abs=0.15)
    assert rates.epsilon.value is not None
    assert 2.5 < rates.epsilon.value < math.log(0.9 / 0.005)
    assert {rates.area.n, rates.found.n, rates.epsilon.n} == {40}


def test_certainty_of_some_is_half_of_the_area_for_the_others() -> None:
    rates = from_exposed("counts of 10 or more", 60, 100, 1e-6, HOW)
    assert rates.area.value == pytest.approx(0.8)
    assert rates.found.value == pytest.approx(0.6)
    assert rates.area.low is not None
    assert rates.area.low < 0.8
    assert from_exposed("raw", 0, 100, 1e-6, HOW).epsilon.value == 0.0


def test_few_targets_have_no_figure() -> None:
    few = from_exposed("raw", 5, 19, 1e-6, HOW)
    assert {few.area.withheld, few.found.withheld, few.epsilon.withheld} == {TOO_FEW}
    assert few.area.value is None
