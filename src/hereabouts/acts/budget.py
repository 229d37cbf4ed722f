"""Budget: what was spent and what is left, for each window and over a device's life."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from hereabouts.acts.accounts import account_of, ledger_of
from hereabouts.privacy.accounting import epsilon_of
from hereabouts.privacy.loss import Piece, restated
from hereabouts.store.store import Store


@dataclass(frozen=True)
class Cost:
    """A privacy loss: exact rho, and epsilon at the budget's delta."""

    rho: Fraction
    epsilon: float


@dataclass(frozen=True)
class Spent(Cost):
    """What was spent, and its tighter restatement at the same delta: for people to read, and never a price."""

    restated: float


@dataclass(frozen=True)
class WindowBudget:
    """One window: what was spent in it, what can still be, and how many of its measurements are of earlier data.

    Where stores share feeds, one that overlaps it may have less left than it has itself, which is what can be spent.
    """

    window: str
    spent: Spent
    left: Cost
    stale: int


@dataclass(frozen=True)
class Budget:
    """The budgets of a store.

    Attributes
    ----------
    whole
        What each window may spend.
    delta
        At which epsilons are stated.
    windows
        Every window that was charged; all others have the whole left. Which ones have pings is not said.
    lifetime
        What a device that is in all windows has spent.
    sharing
        How many other stores of the ledger have taken a same feed, directly or through others: what they spent is in
        all figures.
    """

    whole: Cost
    delta: float
    windows: list[WindowBudget]
    lifetime: Spent
    sharing: int


def budget(store: Path) -> Budget:
    """What was spent and what is left.

    Epsilons are those of a total that is fixed beforehand, as a budget is: who goes on spending until an answer pleases
    can have lost more than the epsilon of what was spent so far, and never more than that of the whole.

    Parameters
    ----------
    store
        The store's folder.
    """
    target = Store(store)
    ledger = ledger_of(target)
    delta = target.policy.budget.delta
    whole = account_of(target).budget
    windows = []
    versions = {known.window.name: known.data_version for known in target.windows()}
    for name, spent in ledger.by_window().items():
        stale = [c for c in ledger.measured(name) if name in versions and c.data_version != versions[name]]
        left = ledger.left(name)
        windows.append(WindowBudget(name, _spent(spent, delta), _cost(left, delta), len(stale)))
    return Budget(_cost(whole, delta), delta, windows, _spent(ledger.lifetime(), delta), ledger.others())


def _spent(rho: Fraction, delta: float) -> Spent:
    """As one piece: what was charged, and in how many parts, may have been decided after a look at earlier answers."""
    cost = _cost(rho, delta)
    return Spent(cost.rho, cost.epsilon, restated([Piece(rho)], delta).epsilon if rho else 0.0)


def _cost(rho: Fraction, delta: float) -> Cost:
    return Cost(rho, epsilon_of(rho, delta) if rho > 0 else 0.0)
