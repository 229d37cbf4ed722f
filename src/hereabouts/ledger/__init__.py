"""What was spent: charges against a window's budget, exact, and never more than there is."""

from __future__ import annotations

from hereabouts.ledger.charges import BudgetRefusedError, Charge, Ledger

__all__ = ["BudgetRefusedError", "Charge", "Ledger"]
