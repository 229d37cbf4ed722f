"""Budget: what was spent and what is left, for each window and over a device's life."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from hereabouts.acts.accounts import ledger_of
from hereabouts.privacy.accounting import epsilon_of, rho_of
from hereabouts.store.store import Store


@dataclass(frozen=True)
class Cost:
    """A privacy loss: exact rho, and epsilon at the budget's delta."""

    rho: Fraction
    epsilon: float


@dataclass(frozen=True)
class WindowBudget:
    """One window: what was spent in it, what is left, and how many of its measurements are of earlier data."""

    window: str
    spent: Cost
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
    """

    whole: Cost
    delta: float
    windows: list[WindowBudget]
    lifetime: Cost


def budget(store: Path) -> Budget:
    """What was spent and what is left.

    Parameters
    ----------
    store
        The store's folder.
    """
    target = Store(store)
    ledger = ledger_of(target)
    delta = target.policy.budget.delta
    whole = rho_of(target.policy.budget.epsilon, delta)
    spent = ledger.by_window()
    windows = []
    versions = {known.window.name: known.data_version for known in target.windows()}
    for name, gone in sorted(spent.items()):
        stale = [c for c in ledger.measured(name) if name in versions and c.data_version != versions[name]]
        windows.append(
            WindowBudget(
                name,
                _cost(gone, delta),
                _cost(max(whole - gone, Fraction(0)), delta),
                len(stale),
            )
        )
    return Budget(_cost(whole, delta), delta, windows, _cost(ledger.lifetime(), delta))


def _cost(rho: Fraction, delta: float) -> Cost:
    return Cost(rho, epsilon_of(rho, delta) if rho > 0 else 0.0)
