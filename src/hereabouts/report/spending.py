"""What the release cost in privacy, and what is left: the words and the bar.

ε does not add up over releases; ρ does, so the bar is of ρ, and ε stands beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from hereabouts.report import words
from hereabouts.report.manifest import Cost, Privacy

_UNIT = "all of one device's data in one window"


@dataclass(frozen=True)
class Bar:
    """Shares of the window's budget, adding up to 1: this release, other releases, left."""

    this: float
    earlier: float
    left: float


@dataclass(frozen=True)
class Spending:
    """What the page says about privacy."""

    unit: str
    this: str
    odds: str | None
    window: str | None
    lifetime: str | None
    bar: Bar | None


def spending(privacy: Privacy) -> Spending:
    """Put the costs into words.

    The odds are those of the definition: whatever was believed before, seeing the release moves the odds of
    any claim about one device's window by a factor of at most exp(ε), but for a probability of about δ (Dwork
    and Roth 2014, section 2.3).
    """
    return Spending(
        unit=privacy.unit or _UNIT,
        this=_cost(privacy.cost) + _tighter(privacy),
        odds=_odds(privacy.cost),
        window=_window(privacy),
        lifetime=_lifetime(privacy),
        bar=bar(privacy.cost.rho, privacy.window_spent.rho, privacy.window_budget.rho),
    )


def bar(this: Fraction | None, spent: Fraction | None, budget: Fraction | None) -> Bar | None:
    """Return the shares of a window's budget, or ``None`` where the manifest does not say.

    ``spent`` includes this release. One that publishes an earlier measurement again costs nothing further.
    """
    if this is None or budget is None or budget <= 0:
        return None
    total = max(this, spent if spent is not None else this)
    whole = max(total, budget)
    return Bar(float(this / whole), float((total - this) / whole), float((whole - total) / whole))


def _cost(cost: Cost) -> str:
    return f"ε = {words.epsilon(cost.epsilon)}, δ = {words.epsilon(cost.delta)} (ρ = {words.rho(cost.rho)})"


def _tighter(privacy: Privacy) -> str:
    """What else is known of it; the odds stay with what was paid for."""
    epsilon = privacy.restated.epsilon
    if epsilon is None or privacy.cost.epsilon is None or epsilon >= privacy.cost.epsilon:
        return ""
    return f"; a tighter bound on the same noise gives ε = {words.epsilon(epsilon)}"


def _odds(cost: Cost) -> str | None:
    if cost.epsilon is None or not math.isfinite(cost.epsilon):
        return None
    factor = f"{math.exp(cost.epsilon):.2g}" if cost.epsilon < 20 else f"e^{cost.epsilon:g}"
    but = f", but for a chance of about {words.one_in(cost.delta)}" if cost.delta else ""
    return (
        "Whatever somebody knows already, reading this release can raise or lower the odds of any claim "
        f"about one device in this window by a factor of {factor} at most{but}."
    )


def _window(privacy: Privacy) -> str | None:
    spent, budget = privacy.window_spent, privacy.window_budget
    if budget.epsilon is None:
        return None
    text = f"Spent on this window so far: ε = {words.epsilon(spent.epsilon)} of {words.epsilon(budget.epsilon)}"
    shares = bar(privacy.cost.rho, spent.rho, budget.rho)
    if shares is None:
        return f"{text}."
    left = words.percent(shares.left)
    return f"{text}. Counted in ρ, in which releases add up, {left} of the budget is left for others."


def _lifetime(privacy: Privacy) -> str | None:
    if privacy.lifetime.epsilon is None:
        return None
    windows = privacy.lifetime_windows
    over = (
        "its whole life in the store" if windows is None else f"{windows:,} window{'s' * (windows != 1)} in the store"
    )
    return (
        f"A device that was there all along has spent ε = {words.epsilon(privacy.lifetime.epsilon)}, "
        f"δ = {words.epsilon(privacy.lifetime.delta)} over {over}. "
        "Ledgers of other stores are not known here."
    )
