"""Charges: what one measurement of one window costs, and in which state that is.

In rho (zCDP), exact. A charge goes one way:

    open ──► measured        the noisy measurement was persisted
      └────► void            nothing of its noise was ever persisted: what it held is free again

An open charge counts as spent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from hereabouts.errors import RefusedError
from hereabouts.state.tables import ChargeRow, ChargeState


@dataclass(frozen=True)
class Charge:
    """One charge as it stood when it was read.

    Attributes
    ----------
    rho
        What it costs, exact. Noise is calibrated to this value, not to what the caller believes that it asked
        for.
    epsilon, delta
        What the plan asked for; for people to read.
    created, measured_at
        UTC seconds since the epoch; ``measured_at`` is ``None`` until it is measured.
    plan_key
        The measurement's key without the version of the data.
    data_version
        Version of the data that it measures.
    """

    id: int
    store_id: str
    window: str
    key: str
    rho: Fraction
    epsilon: float
    delta: float
    plan_name: str
    state: ChargeState
    created: int
    measured_at: int | None
    plan_key: str = ""
    data_version: str = ""


class BudgetRefusedError(RefusedError):
    """A window has less left than was asked.

    Attributes
    ----------
    window
        The window that has too little left: the one that was asked for, or one that overlaps it, of a store that has
        taken a same feed.
    asked, left, budget
        In rho, exact: a caller that knows accounting can restate them as (epsilon, delta).
    store
        The other store whose window it is; ``None`` for the one that asked.
    """

    def __init__(
        self, window: str, asked: Fraction, left: Fraction, budget: Fraction, store: str | None = None
    ) -> None:
        self.window = window
        self.asked = asked
        self.left = left
        self.budget = budget
        self.store = store
        if left == 0:
            remedy = "Nothing is left: publish a measurement of it that is already paid for, or release another window."
        else:
            remedy = (
                f"Ask for a smaller epsilon (what is left is {float(left / asked):.0%} of what was asked; "
                "'hereabouts preview' says what a plan costs), for a measurement already paid for, or for "
                "another window."
            )
        super().__init__(
            "budget",
            f"{self.whose} has rho {float(left):.6g} left of {float(budget):.6g}, and this plan costs "
            f"{float(asked):.6g}. {remedy}",
        )

    @property
    def whose(self) -> str:
        """The window, and where it is not of the store that asked, why it counts."""
        if self.store is None:
            return f"window {self.window}"
        return f"window {self.window} of store {self.store}, which shares feeds with this one and overlaps it,"


def live(session: Session, stores: Collection[str], window: str | None = None) -> list[Charge]:
    """The charges of some stores that count as spent, oldest first."""
    query = select(ChargeRow).where(ChargeRow.store_id.in_(list(stores)), ChargeRow.state != "void")
    if window is not None:
        query = query.where(ChargeRow.window == window)
    return [charge_of(row) for row in session.scalars(query.order_by(ChargeRow.id))]


def total(charges: Sequence[Charge]) -> Fraction:
    """What charges cost together."""
    return sum((charge.rho for charge in charges), Fraction(0))


def exact(value: Fraction) -> str:
    """A fraction as it is kept."""
    return f"{value.numerator}/{value.denominator}"


def charge_of(row: ChargeRow) -> Charge:
    """A charge as a row has it."""
    return Charge(
        id=row.id,
        store_id=row.store_id,
        window=row.window,
        key=row.measurement_key,
        rho=Fraction(row.rho),
        epsilon=row.epsilon,
        delta=row.delta,
        plan_name=row.plan_name,
        state=row.state,
        created=row.created,
        measured_at=row.measured_at,
        plan_key=row.plan_key,
        data_version=row.data_version,
    )
