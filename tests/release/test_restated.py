"""A release's payments, restated: what is known of their sensitivities is used, and what was chosen on noise is not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hereabouts.estimate.measurements import Measurements
from hereabouts.privacy.accounting import compose, epsilon_of, rho_of
from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.loss import SMOOTHED, Piece, restated
from hereabouts.release.plan import Plan
from hereabouts.release.restated import restated_payments

HALF = rho_of(1.0, 1e-6) / 2


def test_a_plan_at_one_is_restated_near_what_continuous_noise_would_give(plan: Plan, measured: Measurements) -> None:
    """The continuous Gaussian of the same rho has 0.92739."""
    payments = [(p.part, p.rho, p.squared_sensitivity) for p in measured.payments]
    found = restated_payments(payments, plan.delta)
    assert found.epsilon == pytest.approx(0.9275, abs=2e-4)
    assert (found.delta, found.bound) == (plan.delta, SMOOTHED)
    assert found.epsilon < epsilon_of(compose(p.rho for p in measured.payments), plan.delta)


@pytest.mark.parametrize("part", ["pairs", "totals", "taken", "slots", "cells/P1D", "bins"])
@pytest.mark.parametrize("things", [1, 7, 64, 3 * 4**6])
def test_bounds_that_noise_chose_do_not_bear_on_it(part: str, things: int) -> None:
    """Else the claim would be a function of the answers, and no claim."""
    found = restated_payments([("hours", HALF, 168), (part, HALF, things * SCALE**2)], 1e-6)
    assert found == restated([Piece(HALF, 168), Piece(HALF, SCALE**2)], 1e-6)


@pytest.mark.parametrize("payment", [("homes", HALF, 10**9), ("", HALF, 168), ("totals", HALF, 10 * SCALE**2 + 1)])
def test_what_is_not_known_claims_less(payment: tuple[str, Fraction, int]) -> None:
    known = restated_payments([("hours", HALF, 168), ("norms", HALF, 2)], 1e-6)
    found = restated_payments([("hours", HALF, 168), payment], 1e-6)
    assert found == restated([Piece(HALF, 168), Piece(HALF)], 1e-6)
    assert found.epsilon > known.epsilon
