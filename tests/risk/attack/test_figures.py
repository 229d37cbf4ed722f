"""From trials to figures: right numbers, and none about few."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.risk.attack.figures import from_exposed, from_publications, from_scores
from hereabouts.risk.figures import TOO_FEW, Procedure
from hereabouts.risk.intervals import Operating, epsilon_lower_bound

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


@pytest.mark.parametrize(("some", "others"), [((0, 7, 19), (20,)), ((81, 95, 100), (80,)), ((51, 55, 69), (49, 70))])
def test_no_figure_turns_on_a_few_devices(some: tuple[int, ...], others: tuple[int, ...]) -> None:
    """Fewer than 20 that are exposed, or are not, are told by bounds, and others to the nearest 20."""
    told = {from_exposed("raw", exposed, 100, 1e-6, HOW) for exposed in some}
    assert len(told) == 1
    assert all(from_exposed("raw", exposed, 100, 1e-6, HOW) not in told for exposed in others)


@given(exposed=st.integers(0, 500), data=st.data())
def test_what_is_proved_of_exact_counts_is_no_more_than_so_many_prove(exposed: int, data: st.DataObject) -> None:
    devices = data.draw(st.integers(max(exposed, 40), 500))
    epsilon = from_exposed("raw", exposed, devices, 1e-6, HOW).epsilon.value
    assert epsilon is not None
    assert epsilon <= epsilon_lower_bound(Operating(exposed, devices, 0, devices), 1e-6) + 0.15
    assert epsilon == 0.0 or exposed >= 20


def test_few_targets_have_no_figure() -> None:
    few = from_exposed("raw", 5, 19, 1e-6, HOW)
    assert {few.area.withheld, few.found.withheld, few.epsilon.withheld} == {TOO_FEW}
    assert few.area.value is None


def test_trials_that_are_all_alike_are_not_certain() -> None:
    """An area of 1 of 20 trials may be less; where nothing was published, it is a half, and not much else."""
    sure = from_scores("raw", np.ones((40, 2)), np.zeros((40, 2)), 1e-6, HOW)
    assert (sure.area.value, sure.area.high) == (1.0, 1.0)
    assert sure.area.low == pytest.approx(1 - 1.96**2 / (80 + 1.96**2), abs=1e-3)
    nothing = from_publications("release", np.zeros((40, 30)), np.zeros((40, 30)), 1e-6, HOW)
    assert nothing.area.low is not None
    assert 0.4 < nothing.area.low < nothing.area.value == 0.5  # type: ignore[operator]
    assert nothing.epsilon.value == 0.0


def test_a_swap_of_two_devices_proves_half_as_much() -> None:
    """In each trial one is taken out and another one put in."""
    rng = np.random.default_rng(1)
    scores = rng.normal(3, 1, (40, 50)), rng.normal(0, 1, (40, 50))
    plain = from_scores("raw", *scores, 1e-9, HOW).epsilon.value
    swapped = from_scores("raw", *scores, 1e-9, HOW, swapped=True).epsilon.value
    assert plain is not None
    assert swapped == pytest.approx(plain / 2, rel=1e-3)
