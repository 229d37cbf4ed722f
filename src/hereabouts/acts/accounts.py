"""Accounts: the ledger that a store draws on, what was spent, and by which key a measurement is paid for once."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hereabouts.ledger import Account, Ledger
from hereabouts.privacy.accounting import rho_of
from hereabouts.store.store import Store
from hereabouts.windows import Window

if TYPE_CHECKING:
    from hereabouts.release.manifest import Spending
    from hereabouts.release.plan import Plan
    from hereabouts.release.region import Region

_rho = lru_cache(rho_of)  # it is worked out in sixty digits, and asked for many times by one command

METHOD = 2
"""Version of what is measured for a plan (shares, bounds, units): part of every measurement's key."""


def spending_of(store: Store, window: Window) -> Spending:
    """What a device has spent in a window, and over its life in the store."""
    # Here, as most commands that ask for accounts publish nothing, and what publishes loads scipy.
    from hereabouts.release.manifest import Spending  # noqa: PLC0415

    account = account_of(store)
    ledger = ledger_of(store)
    windows = ledger.by_window()
    return Spending(
        windows.get(window.name, Fraction(0)),
        account.budget,
        ledger.lifetime(),
        len(windows),
        store.policy.budget.delta,
        shared=store.is_sharing,
    )


def ledger_of(store: Store) -> Ledger:
    """The ledger that the store draws on.

    Raises
    ------
    RefusedError
        By ``ledger``, if its policy names another one than it was made with.
    UsageError, BadInputError, MachineError
        If it cannot be opened, or is an old copy.
    """
    return Ledger(store.ledger, account_of(store))


def account_of(store: Store) -> Account:
    """What the ledger knows of the store."""
    budget = store.policy.budget
    return Account(store.facts.id, store.calendar, _rho(budget.epsilon, budget.delta))


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
