"""zCDP accounting: exact where it is kept, and on the safe side wherever a float states it."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hereabouts.errors import UsageError
from hereabouts.privacy.accounting import (
    DELTA_MAX,
    EPSILON_MAX,
    GRID,
    check_parameters,
    compose,
    delta_of,
    epsilon_of,
    rho_of,
    scale_of,
    variance_for,
)

epsilons = st.floats(min_value=1e-3, max_value=EPSILON_MAX)
deltas = st.floats(min_value=-12.0, max_value=-3.0).map(lambda exponent: 10.0**exponent)
rhos = st.fractions(min_value=Fraction(1, 10**6), max_value=Fraction(5), max_denominator=10**9)
few = settings(max_examples=30, deadline=None)


def exact_log_delta(rho: Fraction, epsilon: float, order: Decimal) -> Decimal:
    """The bound of Canonne, Kamath and Steinke at one order, by its formula as printed, in 100 digits."""
    with decimal.localcontext(decimal.Context(prec=100)):
        exact_rho = Decimal(rho.numerator) / Decimal(rho.denominator)
        power = (order - 1) * (order * exact_rho - Decimal(epsilon)) + order * (1 - 1 / order).ln()
        return power - (order - 1).ln()


def exact_infimum(rho: Fraction, epsilon: float) -> Decimal:
    """The infimum over orders, by ternary search over ln(order - 1) in 100 digits."""
    low, high = Decimal(-40), Decimal(40)
    with decimal.localcontext(decimal.Context(prec=100)):
        for _ in range(120):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            at_left = exact_log_delta(rho, epsilon, 1 + left.exp())
            at_right = exact_log_delta(rho, epsilon, 1 + right.exp())
            low, high = (low, right) if at_left < at_right else (left, high)
        return min(exact_log_delta(rho, epsilon, 1 + low.exp()).exp(), Decimal(1))


@pytest.mark.parametrize(
    ("epsilon", "delta", "multiplier"), [(1.0, 1e-5, 4.045), (1.0, 1e-6, 4.531), (2.0, 1e-6, 2.382)]
)
def test_known_noise_multipliers(epsilon: float, delta: float, multiplier: float) -> None:
    assert 1.0 / math.sqrt(2.0 * rho_of(epsilon, delta)) == pytest.approx(multiplier, abs=5e-4)


@given(rho=rhos, epsilon=epsilons)
@settings(max_examples=10, deadline=None)
def test_delta_is_the_infimum_and_never_below_it(rho: Fraction, epsilon: float) -> None:
    infimum = exact_infimum(rho, epsilon)
    stated = delta_of(rho, epsilon)
    assert Decimal(stated) >= infimum
    assert stated <= max(float(infimum) * (1 + 1e-14), 5e-324)


@given(rho=rhos, epsilon=epsilons, order=st.floats(min_value=1.0001, max_value=1e4))
@few
def test_no_order_gives_a_better_delta(rho: Fraction, epsilon: float, order: float) -> None:
    at_order = min(exact_log_delta(rho, epsilon, Decimal(order)), Decimal(0))
    assert Decimal(delta_of(rho, epsilon)) <= at_order.exp() * Decimal("1.00000000000001") + Decimal("5e-324")


@given(rho=st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(2)), epsilon=st.floats(0.1, 10.0))
@few
def test_agrees_with_dp_accounting(rho: Fraction, epsilon: float) -> None:
    """It takes the best of a list of orders: no better than ours, and near it on a dense list."""
    dp = pytest.importorskip("dp_accounting", reason="dp-accounting (a development dependency) is not installed")
    orders = [1.0 + 10.0**exponent for exponent in (step / 50.0 - 1.9 for step in range(250))]
    accountant = dp.rdp.RdpAccountant(orders=orders)
    accountant.compose(dp.ZCDpEvent(float(rho)))
    theirs, ours = accountant.get_delta(epsilon), delta_of(rho, epsilon)
    assume(ours > 1e-30)
    # Where delta is large it has another bound as well, sqrt(1 - exp(-KL)), which zCDP accounting does not
    # use.
    other_bound = math.sqrt(-math.expm1(-float(rho) * min(orders)))
    assert min(ours, other_bound) <= theirs * (1 + 1e-9)
    assert theirs <= ours * 1.05


@pytest.mark.parametrize(("epsilon", "delta"), [(0.5, 1e-6), (1.0, 1e-6), (4.0, 1e-8)])
def test_never_claims_more_than_the_exact_gaussian(epsilon: float, delta: float) -> None:
    """The analytic (continuous) Gaussian needs less noise than zCDP allows; we must not be below it."""
    dp = pytest.importorskip("dp_accounting", reason="dp-accounting (a development dependency) is not installed")
    multiplier = 1.0 / math.sqrt(2.0 * rho_of(epsilon, delta))
    exact = dp.get_sigma_gaussian(epsilon, delta)
    assert exact <= multiplier <= 1.12 * exact


@given(epsilon=epsilons, delta=deltas)
@few
def test_rho_is_the_largest_step_that_fits(epsilon: float, delta: float) -> None:
    rho = rho_of(epsilon, delta)
    assert rho > 0
    assert rho % GRID == 0
    assert delta_of(rho, epsilon) <= delta < delta_of(rho + GRID, epsilon)


@given(epsilon=epsilons, delta=deltas)
@few
def test_restating_what_was_bought_never_exceeds_what_was_asked(epsilon: float, delta: float) -> None:
    restated = epsilon_of(rho_of(epsilon, delta), delta)
    assert restated <= epsilon
    assert restated == pytest.approx(epsilon, rel=1e-3)


@given(rho=rhos, delta=deltas)
@few
def test_buying_what_was_restated_never_takes_noise_away(rho: Fraction, delta: float) -> None:
    """The other way round: an epsilon restated from rho buys rho, to the last grid step."""
    epsilon = epsilon_of(rho, delta)
    if 0.0 < epsilon <= EPSILON_MAX:
        assert delta_of(rho, epsilon) <= delta
        assert delta_of(rho, math.nextafter(epsilon, 0.0)) > delta
        bought = rho_of(epsilon, delta)
        assert delta_of(bought, epsilon) <= delta
        assert bought >= rho - GRID


@given(rho=rhos, more=rhos, epsilon=epsilons, delta=deltas)
@few
def test_monotone(rho: Fraction, more: Fraction, epsilon: float, delta: float) -> None:
    assert delta_of(rho, epsilon) <= delta_of(rho + more, epsilon)
    assert delta_of(rho, epsilon) >= delta_of(rho, epsilon + float(more))
    assert epsilon_of(rho, delta) <= epsilon_of(rho + more, delta)
    assert epsilon_of(rho, delta) >= epsilon_of(rho, min(DELTA_MAX, 2.0 * delta))


def test_nothing_spent_is_perfect_privacy() -> None:
    assert delta_of(Fraction(0), 0.0) == 0.0
    assert epsilon_of(Fraction(0), 1e-6) == 0.0


@pytest.mark.parametrize(
    ("rho", "epsilon"), [(Fraction(1, 10**400), 1.0), (Fraction(1, 100), 1e308), (Fraction(1, 2**40), 20.0)]
)
def test_a_delta_too_small_for_a_float_is_not_stated_as_none(rho: Fraction, epsilon: float) -> None:
    assert delta_of(rho, epsilon) > 0.0


def test_a_delta_beyond_use_is_stated_as_one() -> None:
    assert delta_of(Fraction(10**400), 1.0) == 1.0
    assert delta_of(Fraction(999), 0.0) == 1.0


def test_a_year_of_weekly_windows_can_be_restated() -> None:
    """A device's life in a store may add up to more than may be bought at once: it is stated all the same."""
    lifetime = compose([rho_of(4.0, 1e-6)] * 52)
    assert epsilon_of(lifetime, 1e-6) > EPSILON_MAX


def test_composition_is_exact() -> None:
    thirds = [Fraction(1, 3)] * 3
    assert compose(thirds) == 1
    assert compose([]) == 0
    with pytest.raises(TypeError, match="float"):
        compose([0.5])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="0 or more"):
        compose([Fraction(-1, 3)])


@given(sensitivity=st.integers(min_value=1, max_value=10**12), rho=rhos)
@few
def test_variance_pays_exactly_rho(sensitivity: int, rho: Fraction) -> None:
    assert Fraction(sensitivity) / (2 * variance_for(sensitivity, rho)) == rho


def test_pieces_of_one_budget_add_up_to_it() -> None:
    """1/sigma^2 is the sum of (sensitivity/sigma_i)^2: splitting a budget neither wins nor loses."""
    rho = rho_of(1.0, 1e-6)
    pieces = [(Fraction(168), rho * Fraction(7, 10)), (Fraction(4), rho * Fraction(3, 10))]
    assert sum(square / variance_for(square, part) for square, part in pieces) == 2 * rho


@given(variance=st.fractions(min_value=Fraction(1, 10**12), max_value=Fraction(10**18)))
@few
def test_a_scale_is_rounded_to_more_noise(variance: Fraction) -> None:
    scale = scale_of(variance)
    assert Fraction(scale) ** 2 >= variance
    assert Fraction(math.nextafter(scale, 0.0)) ** 2 < variance


@pytest.mark.parametrize(("squared", "rho"), [(0, Fraction(1)), (-1, Fraction(1)), (1, Fraction(0))])
def test_noise_needs_a_sensitivity_and_a_price(squared: int, rho: Fraction) -> None:
    with pytest.raises(UsageError, match="more than 0"):
        variance_for(squared, rho)


def test_a_float_sensitivity_is_a_bug() -> None:
    with pytest.raises(TypeError, match="float"):
        variance_for(2.5, Fraction(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float"):
        scale_of(2.5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="more than 0"):
        scale_of(Fraction(0))


@pytest.mark.parametrize("epsilon", [0.0, -1.0, 20.5, math.inf, math.nan])
def test_epsilon_out_of_range_buys_nothing(epsilon: float) -> None:
    with pytest.raises(UsageError, match="epsilon"):
        rho_of(epsilon, 1e-6)
    with pytest.raises(UsageError, match="epsilon"):
        check_parameters(epsilon, 1e-6)


@pytest.mark.parametrize("delta", [0.0, -1e-6, 2e-3, 1.0, math.nan])
def test_delta_out_of_range_buys_nothing(delta: float) -> None:
    with pytest.raises(UsageError, match="delta"):
        rho_of(1.0, delta)
    with pytest.raises(UsageError, match="delta"):
        epsilon_of(Fraction(1, 10), delta)


def test_less_than_a_grid_step_is_refused() -> None:
    with pytest.raises(UsageError, match="ask for more"):
        rho_of(1e-7, 1e-30)


@pytest.mark.parametrize("epsilon", [-0.1, math.inf, math.nan])
def test_a_restatement_needs_a_finite_epsilon(epsilon: float) -> None:
    with pytest.raises(UsageError, match="epsilon"):
        delta_of(Fraction(1), epsilon)


def test_a_restatement_needs_a_rho_of_use() -> None:
    with pytest.raises(UsageError, match="rho"):
        delta_of(Fraction(-1), 1.0)
    with pytest.raises(UsageError, match="rho"):
        epsilon_of(Fraction(1_000_001), 1e-6)
