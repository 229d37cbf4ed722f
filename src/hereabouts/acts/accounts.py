"""Accounts: the ledger that a store draws on, what was spent, and by which key a measurement is paid for once."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from hereabouts.errors import UsageError
from hereabouts.ledger import Ledger
from hereabouts.privacy.accounting import rho_of
from hereabouts.store.store import Store
from hereabouts.windows import Window

if TYPE_CHECKING:
    from hereabouts.release.manifest import Spending
    from hereabouts.release.plan import Plan
    from hereabouts.release.region import Region

METHOD = 2
"""Version of what is measured for a plan (shares, bounds, units): part of every measurement's key."""


def spending_of(store: Store, window: Window) -> Spending:
    """What a device has spent in a window, and over its life in the store."""
    # Here, as most commands that ask for accounts publish nothing, and what publishes loads scipy.
    from hereabouts.release.manifest import Spending  # noqa: PLC0415

    budget = store.policy.budget
    ledger = ledger_of(store)
    windows = ledger.by_window()
    return Spending(
        ledger.spent(window.name),
        rho_of(budget.epsilon, budget.delta),
        ledger.lifetime(),
        len(windows),
        budget.delta,
    )


def ledger_of(store: Store) -> Ledger:
    """The ledger that the store draws on.

    Raises
    ------
    UsageError
        When its policy names one to be shared: this version cannot yet see which windows stores have in common.
    """
    require_own_ledger(store.policy.ledger)
    return Ledger(store.state, store.facts.id)


def require_own_ledger(ledger: str) -> None:
    """Refuse a ledger that stores share.

    Raises
    ------
    UsageError
        Says what would be promised and not kept.
    """
    if ledger != "own":
        raise UsageError(
            f"got ledger '{ledger}', this version knows 'own' alone: stores that take the same feed would each spend a "
            "whole budget of it, and a shared ledger that does not prevent that would only seem to"
        )


def measurement_key(store_id: str, data_version: str, plan: Plan, window: Window, region: Region) -> str:
    """Digest of all that bears on what is measured, and of nothing that only bears on publishing it."""
    return _digest(_asked(store_id, plan, window, region) | {"data": data_version})


def plan_key(store_id: str, plan: Plan, window: Window, region: Region) -> str:
    """The same without the data: what a plan's measurement is found by after they have changed."""
    return _digest(_asked(store_id, plan, window, region))


def _asked(store_id: str, plan: Plan, window: Window, region: Region) -> dict[str, Any]:
    return {
        "method": METHOD,
        "store": store_id,
        "window": window.name,
        "region": hashlib.sha256(region.leaves.astype("<u8").tobytes()).hexdigest(),
        "statistics": plan.measured(),
        "epsilon": repr(plan.epsilon),
        "delta": repr(plan.delta),
    }


def _digest(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
