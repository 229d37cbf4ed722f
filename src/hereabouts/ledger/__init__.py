"""What was spent: charges against a window's budget, exact, and never more than there is."""

from __future__ import annotations

from hereabouts.ledger.charges import BudgetRefusedError, Charge
from hereabouts.ledger.ledger import Ledger
from hereabouts.ledger.pool import Account
from hereabouts.ledger.shared import absolute_url, ledger_in_force, open_ledger

__all__ = [
    "Account",
    "BudgetRefusedError",
    "Charge",
    "Ledger",
    "absolute_url",
    "ledger_in_force",
    "open_ledger",
]
