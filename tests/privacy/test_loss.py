"""The tighter restatement: never below the truth, near it where noise is wide, and named for what it is."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.errors import UsageError
from hereabouts.privacy import loss
from hereabouts.privacy.accounting import compose, delta_of, epsilon_of, rho_of
from hereabouts.privacy.loss import SMOOTHED, ZCDP, Piece, restated, smoothed_delta

Floats = NDArray[np.float64]

few = settings(max_examples=40, deadline=None)
epsilons = st.floats(min_value=0.0, max_value=6.0)
deltas = st.floats(min_value=-12.0, max_value=-3.0).map(lambda exponent: 10.0**exponent)
variances = st.fractions(min_value=1, max_value=8, max_denominator=50)


def noise(variance: float) -> tuple[Floats, Floats]:
    """The discrete Gaussian as a table: whole numbers within 9 scales, and their probabilities."""
    most = math.ceil(9 * math.sqrt(variance))
    values = np.arange(-most, most + 1, dtype=np.float64)
    weight = np.exp(-(values**2) / (2 * variance))
    return values, weight / weight.sum()


def true_delta(shift: tuple[int, ...], variance: tuple[Fraction, ...], epsilon: float) -> float:
    """Delta of noise of these variances, moved by `shift`: the sum of P - e^epsilon Q where that is above 0."""
    loss, weight = np.zeros(1), np.ones(1)
    for moved, v in zip(shift, map(float, variance), strict=True):
        values, probability = noise(v)
        loss = (loss[:, None] + (moved**2 + 2 * moved * values)[None, :] / (2 * v)).ravel()
        weight = (weight[:, None] * probability[None, :]).ravel()
    return float(np.sum(weight * np.maximum(-np.expm1(epsilon - loss), 0.0)))


def never_below(claimed: float, truth: float) -> bool:
    return claimed >= truth * (1 - 1e-11) - 1e-18


# --- never below the truth -------------------------------------------------------------------------------------------


@given(
    pieces=st.lists(st.tuples(st.integers(1, 3), variances), min_size=1, max_size=3),
    epsilon=epsilons,
)
@few
def test_never_below_the_truth_of_pieces_of_one_number(pieces: list[tuple[int, Fraction]], epsilon: float) -> None:
    moved, variance = tuple(m for m, _ in pieces), tuple(v for _, v in pieces)
    claimed = smoothed_delta([Piece(Fraction(m * m) / (2 * v), m * m) for m, v in pieces], epsilon)
    assert never_below(claimed, true_delta(moved, variance, epsilon))


@given(squared=st.integers(1, 14), variance=variances, epsilon=epsilons)
@few
def test_never_below_the_truth_of_a_vector_whichever_way_it_moves(
    squared: int, variance: Fraction, epsilon: float
) -> None:
    """The same norm allows one long step or many short ones; their losses differ, and the claim is for all."""
    claimed = smoothed_delta([Piece(Fraction(squared) / (2 * variance), squared)], epsilon)
    for moved in itertools.combinations_with_replacement(range(4), 3):
        if sum(step * step for step in moved) <= squared:
            assert never_below(claimed, true_delta(moved, (variance,) * 3, epsilon))


@given(
    first=st.integers(1, 2),
    second=st.dictionaries(st.integers(-3, 3), st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=7),
    rho=st.fractions(min_value=Fraction(1, 40), max_value=Fraction(1, 4), max_denominator=100),
    epsilon=epsilons,
)
@few
def test_never_below_the_truth_where_a_bound_depends_on_an_earlier_answer(
    first: int, second: dict[int, tuple[int, int]], rho: Fraction, epsilon: float
) -> None:
    """The second query's bound (its norm: 1 to 3) and noise are chosen on the first answer; its rho is not."""
    variance = Fraction(first * first) / (2 * rho)
    truth = 0.0
    for answer, probability in zip(*noise(float(variance)), strict=True):
        loss = (first**2 + 2 * first * answer) / (2 * float(variance))
        moved, bound = second.get(int(answer), (1, 1))
        after = Fraction(bound * bound) / (2 * rho)
        values, weight = noise(float(after))
        moved = min(moved, bound)
        losses = loss + (moved**2 + 2 * moved * values) / (2 * float(after))
        truth += probability * float(np.sum(weight * np.maximum(-np.expm1(epsilon - losses), 0.0)))
    assert never_below(smoothed_delta([Piece(rho, first * first), Piece(rho)], epsilon), truth)


@given(pieces=st.lists(st.tuples(st.integers(1, 200), variances), min_size=1, max_size=5), epsilon=epsilons)
@few
def test_never_below_the_continuous_gaussian(pieces: list[tuple[int, Fraction]], epsilon: float) -> None:
    """Which noise ever wider comes near to: what is gained is what zCDP's conversion gives away, and no more."""
    rhos = [Fraction(squared) / (2 * 1000 * v) for squared, v in pieces]
    shift = math.sqrt(2 * float(sum(rhos)))
    near, far = epsilon / shift - shift / 2, epsilon / shift + shift / 2
    exact = (math.erfc(near / math.sqrt(2)) - math.exp(epsilon) * math.erfc(far / math.sqrt(2))) / 2
    found = [Piece(rho, squared) for rho, (squared, _) in zip(rhos, pieces, strict=True)]
    assert smoothed_delta(found, epsilon) >= exact * (1 - 1e-9)


@pytest.mark.parametrize(("scale", "times", "delta"), [(4.5, 1, 1e-6), (20.0, 24, 1e-6), (60.0, 168, 1e-6)])
def test_beside_the_privacy_loss_distribution_of_dp_accounting(scale: float, times: int, delta: float) -> None:
    """Its distributions are of one number moved by 1; of those it gives a bound from below and one from above."""
    pld = pytest.importorskip(
        "dp_accounting.pld.privacy_loss_distribution",
        reason="dp-accounting (a development dependency) is not installed",
    )

    def theirs(pessimistic: bool) -> float:
        one = pld.from_discrete_gaussian_mechanism(
            scale, sensitivity=1, pessimistic_estimate=pessimistic, value_discretization_interval=1e-4
        )
        return float(one.self_compose(times).get_epsilon_for_delta(delta))

    ours = restated([Piece(1 / (2 * Fraction(scale) ** 2))] * times, delta).epsilon
    assert theirs(pessimistic=False) <= ours <= 1.02 * theirs(pessimistic=True)


@given(
    pieces=st.lists(
        st.builds(
            Piece,
            rho=st.fractions(min_value=Fraction(1, 10**4), max_value=Fraction(1, 25), max_denominator=10**6),
            least=st.integers(1, 10**6),
        ),
        min_size=1,
        max_size=5,
    ),
    from_mean=st.floats(min_value=1.001, max_value=9.0),
)
@few
def test_the_theorem_as_it_is_written_from_above(pieces: list[Piece], from_mean: float) -> None:
    """In 60 digits by another road: exact where the sum is exact, and never rounded to the side that claims more."""
    mp = pytest.importorskip("mpmath", reason="mpmath (dp-accounting brings it) is not installed")
    with mp.workdps(60):
        excess, kappa, cost = mp.mpf(1) / 1000, mp.mpf(0), mp.mpf(0)
        for piece in pieces:
            rho = mp.mpf(piece.rho.numerator) / piece.rho.denominator
            width = mp.log((1 + 2 * len(pieces) / excess) * piece.least) / (2 * mp.pi**2)
            kappa += rho / (piece.least / (2 * rho * width) - 1)
            cost += rho
        shift = mp.sqrt(2 * (cost + kappa))
        epsilon = float(shift * (from_mean + shift / 2) + kappa)
        left = epsilon - kappa
        gauss = mp.ncdf(shift / 2 - left / shift) - mp.exp(left) * mp.ncdf(-shift / 2 - left / shift)
        exact = mp.exp(excess + kappa) * gauss
        assert 0 <= smoothed_delta(pieces, epsilon) / exact - 1 < 1e-8


def test_constants_are_on_the_side_that_claims_less() -> None:
    mp = pytest.importorskip("mpmath", reason="mpmath (dp-accounting brings it) is not installed")
    with mp.workdps(40):
        assert mp.mpf(str(loss._TWO_PI_SQUARED)) <= 2 * mp.pi**2
        assert mp.mpf(str(loss._ROOT_OF_TWO_PI)) <= mp.sqrt(2 * mp.pi)


# --- what it is worth ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("epsilon", "restatement"), [(0.5, 0.46197), (1.0, 0.92754), (2.0, 1.86252), (4.0, 3.74361)])
def test_a_week_of_presence(epsilon: float, restatement: float) -> None:
    found = restated([Piece(rho_of(epsilon, 1e-6), 168)], 1e-6)
    assert found.epsilon == pytest.approx(restatement, abs=1e-5)
    assert (found.delta, found.bound) == (1e-6, SMOOTHED)


@given(
    pieces=st.lists(
        st.builds(
            Piece,
            rho=st.fractions(min_value=Fraction(1, 10**6), max_value=2, max_denominator=10**9).filter(bool),
            least=st.integers(1, 10**9),
        ),
        min_size=1,
        max_size=6,
    ),
    delta=deltas,
)
@few
def test_never_above_what_zcdp_says_and_named_for_what_it_is(pieces: list[Piece], delta: float) -> None:
    found = restated(pieces, delta)
    rho = compose(piece.rho for piece in pieces)
    assert found.epsilon <= epsilon_of(rho, delta)
    if found.bound == ZCDP:
        assert found.epsilon == epsilon_of(rho, delta)
        assert delta_of(rho, found.epsilon) <= delta
    else:
        assert smoothed_delta(pieces, found.epsilon) <= delta


def test_noise_too_narrow_to_be_smoothed_falls_back_on_zcdp() -> None:
    narrow = Piece(Fraction(2))
    assert smoothed_delta([narrow], 5.0) == 1.0
    assert restated([narrow], 1e-6).bound == ZCDP
    assert restated([narrow, Piece(Fraction(1, 100), 168)], 1e-6).bound == ZCDP


def test_knowing_less_claims_less() -> None:
    """A smaller least sensitivity, or several pieces put as one, may cost some epsilon and never gain any."""
    rho = rho_of(1.0, 1e-6)
    known = restated([Piece(rho / 2, 168), Piece(rho / 2, 65536)], 1e-6).epsilon
    assert known < restated([Piece(rho / 2, 24), Piece(rho / 2, 2)], 1e-6).epsilon
    assert known < restated([Piece(rho)], 1e-6).epsilon < 1.0


def test_many_pieces_cost_hardly_more_than_one() -> None:
    """Nine statistics at several levels are some dozens of pieces."""
    rho = rho_of(1.0, 1e-6)
    one, many = ([Piece(rho / times, 168)] * times for times in (1, 60))
    assert restated(many, 1e-6).epsilon == pytest.approx(restated(one, 1e-6).epsilon, rel=2e-4)


def test_the_order_of_pieces_says_nothing() -> None:
    pieces = [Piece(Fraction(1, 100), 168), Piece(Fraction(1, 150), 2), Piece(Fraction(1, 77), 65536)]
    assert len({restated(order, 1e-6) for order in itertools.permutations(pieces)}) == 1


# --- edges -----------------------------------------------------------------------------------------------------------


def test_nothing_measured_is_perfect_privacy() -> None:
    assert smoothed_delta([], 0.0) == 0.0
    assert restated([], 1e-6).epsilon == 0.0


def test_where_the_bound_says_nothing_worth_saying_delta_is_one() -> None:
    """Mills' ratio is bracketed from 1 on; below, delta is larger than any that is asked for."""
    piece = Piece(Fraction(1, 50), 10**6)
    assert smoothed_delta([piece], 0.0) == 1.0
    assert 0.0 < smoothed_delta([piece], 0.25) < 0.05
    assert smoothed_delta([Piece(Fraction(1_000_001), 10**9)], 1e7) == 1.0


@pytest.mark.parametrize("epsilon", [50.0, 1e6, 1e300])
def test_a_delta_too_small_for_a_float_is_not_stated_as_none(epsilon: float) -> None:
    assert 0.0 < smoothed_delta([Piece(Fraction(1, 100), 168)], epsilon) < 1e-300


@pytest.mark.parametrize("rho", [Fraction(1, 2**40), Fraction(1, 10**30)])
def test_hardly_any_rho_is_restated_too(rho: Fraction) -> None:
    found = restated([Piece(rho)], 1e-6)
    assert 0.0 <= found.epsilon <= epsilon_of(rho, 1e-6)


@pytest.mark.parametrize("piece", [Piece(Fraction(0)), Piece(Fraction(-1, 9)), Piece(Fraction(1, 9), 0)])
def test_what_was_not_paid_for_is_no_piece(piece: Piece) -> None:
    with pytest.raises(UsageError, match="leave out what was not paid for"):
        restated([piece], 1e-6)


def test_parameters_out_of_range() -> None:
    with pytest.raises(UsageError, match="delta"):
        restated([Piece(Fraction(1, 9))], 0.0)
    with pytest.raises(UsageError, match="epsilon"):
        smoothed_delta([Piece(Fraction(1, 9))], -1.0)
    with pytest.raises(UsageError, match="epsilon"):
        smoothed_delta([Piece(Fraction(1, 9))], math.inf)
    with pytest.raises(TypeError, match="float"):
        restated([Piece(0.5)], 1e-6)  # type: ignore[arg-type]
