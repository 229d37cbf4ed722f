"""What noise costs: exact zCDP accounting, and its restatement as (epsilon, delta).

A budget is a number rho of zero-concentrated differential privacy (zCDP), held as a
:class:`~fractions.Fraction`: what is added up, compared and kept is exact. Floats appear in one place, where
rho is restated as (epsilon, delta), and there every rounding goes to the side that claims less privacy.

Proof notes
-----------
**Price of noise.** A query with squared L2 sensitivity D, answered with discrete Gaussian noise N_Z(0, v) on
each coordinate, satisfies D/(2v)-zCDP (Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for
Differential Privacy", their theorem on the multivariate discrete Gaussian). Hence :func:`variance_for`. Here
v is the *parameter* of the noise; its variance is at most that.

**Composition.** rho adds up, also when later queries depend on earlier answers (Bun and Steinke 2016). Hence
:func:`compose`; a device in several windows has spent the sum of what was spent in each.

**Conversion.** rho-zCDP means that the Renyi divergence of order a is at most a * rho for every a > 1, so
(ibid., Proposition 12 and Corollary 13) for every a > 1 the mechanism is (epsilon, delta)-DP with

    delta = exp((a - 1)(a * rho - epsilon) + a * ln(1 - 1/a)) / (a - 1).

*Every* a gives a true claim; the infimum is only the best one. Write t = a - 1. Then ln(delta) is

    f(t) = t((1 + t) rho - epsilon) + t ln(t) - (1 + t) ln(1 + t),
    f'(t) = (1 + 2t) rho - epsilon - ln(1 + 1/t),       f''(t) = 2 rho + 1/(t(1 + t)) > 0,

so f is strictly convex and f' is zero once. A root found in floats need not be exact: the bound is then
evaluated at that very t in 60-digit arithmetic, an allowance larger than all rounding is added, and the
result is rounded up. A relative error of 1e-15 in t costs about 1e-30 of the bound, and never safety. The
allowance: t has 18 digits and lies in [1e-18, 1e18], so 1 + t is exact; each of the four terms of f goes
through at most four roundings of 1e-59 of itself, their sum through three more, so 1e-55 of the sum of their
sizes is ample.

**Grid.** :func:`rho_of` returns a multiple of 2**-40, the largest one whose *computed* delta is within the
asked one. The computed delta is never below the bound, so what is returned is never more than (epsilon,
delta) allows.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from hereabouts.errors import UsageError

EPSILON_MAX = 20.0
"""Largest epsilon that buys noise: beyond it the claim says nothing about one device."""

DELTA_MAX = 1e-3
"""Largest delta that buys noise: delta is the chance of a total failure, for every device."""

GRID = Fraction(1, 2**40)
"""Step of the values of rho that are sold."""

DECIMAL = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN, Emin=-999999, Emax=999999)
"""Sixty digits: in which (epsilon, delta) is worked out before it is rounded."""

_ALLOWANCE = Decimal("1e-55")
_T_MIN, _T_MAX = 1e-18, 1e18
_SMALLEST_FLOAT = math.nextafter(0.0, 1.0)
_RHO_TRIVIAL = 1_000_000  # from here on delta is stated as 1: always true, and no float overflows on the way


def check_parameters(epsilon: float, delta: float) -> None:
    """Refuse an (epsilon, delta) that is outside the range in which a guarantee means something.

    Raises
    ------
    UsageError
        If not 0 < epsilon <= 20 or not 0 < delta <= 1e-3.
    """
    if not (0.0 < epsilon <= EPSILON_MAX):
        raise UsageError(
            f"epsilon is {epsilon!r}; expected more than 0 and at most {EPSILON_MAX:g} (1 or less is a "
            "strong claim, above 10 hardly one): choose a value in that range"
        )
    if not (0.0 < delta <= DELTA_MAX):
        raise UsageError(
            f"delta is {delta!r}; expected more than 0 and at most {DELTA_MAX:g}: choose one well below 1 / "
            "devices, for example 1e-6"
        )


def delta_of(rho: Fraction, epsilon: float) -> float:
    """Delta for which `rho`-zCDP implies (`epsilon`, delta)-DP, rounded up.

    Parameters
    ----------
    rho
        The zCDP parameter, 0 or more.
    epsilon
        0 or more, finite. It may lie above :data:`EPSILON_MAX`: a restatement of what was spent buys nothing.

    Returns
    -------
    float
        At most 1, never below the infimum over a > 1 (Canonne, Kamath and Steinke 2020, Proposition 12).

    Raises
    ------
    UsageError
        If `rho` or `epsilon` is negative, or `epsilon` is not finite.
    """
    _require_rho(rho)
    if not (math.isfinite(epsilon) and epsilon >= 0.0):
        raise UsageError(f"epsilon is {epsilon!r}; expected a finite number of 0 or more")
    if rho == 0:
        return 0.0
    if rho > _RHO_TRIVIAL:
        return 1.0
    exponent = _exponent(rho, epsilon, _best_order(float(rho), float(epsilon)))
    if exponent >= 0:
        return 1.0
    delta = DECIMAL.multiply(DECIMAL.exp(exponent), 1 + _ALLOWANCE)
    return min(1.0, max(_SMALLEST_FLOAT, float_up(delta)))


def epsilon_of(rho: Fraction, delta: float) -> float:
    """Epsilon for which `rho`-zCDP implies (epsilon, `delta`)-DP: the smallest float that holds.

    Parameters
    ----------
    rho
        The zCDP parameter, 0 or more: of one window, or the sum over several.
    delta
        More than 0, at most :data:`DELTA_MAX`.

    Raises
    ------
    UsageError
        If `rho` is negative or above 1,000,000, or `delta` is out of range.
    """
    _require_rho(rho)
    check_parameters(1.0, delta)
    if rho > _RHO_TRIVIAL:
        raise UsageError(
            f"rho is {float(rho):g}; above {_RHO_TRIVIAL} no (epsilon, delta) worth stating follows from it"
        )
    if delta_of(rho, 0.0) <= delta:
        return 0.0
    high = 1.0
    while delta_of(rho, high) > delta:
        high = 2.0 * high
    return least_epsilon(lambda epsilon: delta_of(rho, epsilon), delta, high)


def least_epsilon(delta_at: Callable[[float], float], delta: float, high: float) -> float:
    """Smallest float at most `high` at which a falling `delta_at` is within `delta`, as it is at `high`.

    What is returned is within `delta` even where `delta_at` does not fall.
    """
    low = 0.0
    while True:
        middle = low + (high - low) / 2.0
        if middle in (low, high):
            return high
        if delta_at(middle) <= delta:
            high = middle
        else:
            low = middle


def rho_of(epsilon: float, delta: float) -> Fraction:
    """Rho that (`epsilon`, `delta`) buys: the largest multiple of :data:`GRID` that holds.

    Parameters
    ----------
    epsilon
        More than 0, at most :data:`EPSILON_MAX`.
    delta
        More than 0, at most :data:`DELTA_MAX`.

    Raises
    ------
    UsageError
        If a parameter is out of range, or both are so small that not one step of the grid fits.
    """
    check_parameters(epsilon, delta)
    low, high = 0, 1
    while delta_of(high * GRID, epsilon) <= delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if delta_of(middle * GRID, epsilon) <= delta:
            low = middle
        else:
            high = middle
    if low == 0:
        raise UsageError(
            f"epsilon {epsilon!r} with delta {delta!r} buys less than the smallest rho that is sold "
            "(2**-40): ask for more"
        )
    return low * GRID


def variance_for(sensitivity_squared: Fraction | int, rho: Fraction) -> Fraction:
    """Variance parameter of the discrete Gaussian that `rho` pays for: ``sensitivity_squared / (2 rho)``.

    Parameters
    ----------
    sensitivity_squared
        The squared L2 sensitivity of the whole vector that is measured, more than 0, in the units of its
        entries.
    rho
        What this measurement may spend, more than 0.

    Raises
    ------
    UsageError
        If either is not more than 0.
    TypeError
        If either is a float: a sensitivity that was rounded is none.
    """
    _require_exact(sensitivity_squared, rho)
    if sensitivity_squared <= 0 or rho <= 0:
        raise UsageError(
            "noise needs a sensitivity and a rho of more than 0 (got squared sensitivity "
            f"{sensitivity_squared}, rho {rho})"
        )
    return Fraction(sensitivity_squared) / (2 * rho)


def scale_of(variance: Fraction) -> float:
    """Scale to hand to a sampler that takes floats: the smallest one whose square is at least `variance`.

    Raises
    ------
    UsageError
        If `variance` is not more than 0.
    TypeError
        If it is a float.
    """
    _require_exact(variance)
    if variance <= 0:
        raise UsageError(f"a noise variance is more than 0 (got {variance})")
    with decimal.localcontext(DECIMAL):
        scale = float_up((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())
    while Fraction(scale) ** 2 < variance:
        scale = math.nextafter(scale, math.inf)
    return scale


def compose(rhos: Iterable[Fraction]) -> Fraction:
    """Rho of several measurements of the same devices together: their exact sum."""
    total = Fraction(0)
    for rho in rhos:
        _require_rho(rho)
        total += rho
    return total


def float_up(value: Decimal) -> float:
    """Round to the nearest float that is not below `value`."""
    nearest = float(value)
    return nearest if Decimal(nearest) >= value else math.nextafter(nearest, math.inf)


def _require_exact(*values: Fraction | int) -> None:
    for value in values:
        if not isinstance(value, (Fraction, int)):
            raise TypeError(f"expected a Fraction or an int, got {type(value).__name__} {value!r}")


def _require_rho(rho: Fraction) -> None:
    _require_exact(rho)
    if rho < 0:
        raise UsageError(f"rho is {rho}; expected 0 or more")


def _best_order(rho: float, epsilon: float) -> float:
    """Return t = a - 1 near the root of f'; by bisection of ln(t), since f' rises all the way."""
    low, high = math.log(_T_MIN), math.log(_T_MAX)
    for _ in range(64):
        middle = (low + high) / 2.0
        t = math.exp(middle)
        if (1.0 + 2.0 * t) * rho - epsilon - math.log1p(1.0 / t) < 0.0:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2.0)


def _exponent(rho: Fraction, epsilon: float, t: float) -> Decimal:
    """Return f(t) plus the allowance: never below f, at the 18 digits of `t`."""
    with decimal.localcontext(DECIMAL):
        less_one = Decimal(f"{t:.17e}")
        order = 1 + less_one
        terms = (
            less_one * order * (Decimal(rho.numerator) / Decimal(rho.denominator)),
            -less_one * Decimal(epsilon),
            less_one * less_one.ln(),
            -order * order.ln(),
        )
        return sum(terms, Decimal(0)) + sum(map(abs, terms), Decimal(0)) * _ALLOWANCE
