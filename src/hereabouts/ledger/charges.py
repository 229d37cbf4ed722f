"""The ledger: who may measure, because it was paid for.

A *charge* is what one measurement of one window costs, in rho (zCDP), exact. It goes one way:

    open ──► measured        the noisy measurement was persisted
      └────► void            nothing of its noise was ever persisted: what it held is free again

An open charge counts as spent. It is written, and is on the disk, before any noise is drawn; so a crash at
any moment leaves a charge without a measurement (finish it or void it), never a measurement without a charge.

The sum of a window's open and measured charges never exceeds its budget, whatever runs at the same time:
looking and paying happen in one transaction that holds the whole database (:func:`hereabouts.state.writing`).
Sums are of fractions; no float takes part. Windows are the privacy unit, and a device may be in all of them:
over its life in a store it has spent the sum.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hereabouts.errors import RefusedError
from hereabouts.state.database import reading, writing
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
    """The window has less left than was asked.

    Attributes
    ----------
    window
        The window that was asked for.
    asked, left, budget
        In rho, exact: a caller that knows accounting can restate them as (epsilon, delta).
    """

    def __init__(self, window: str, asked: Fraction, left: Fraction, budget: Fraction) -> None:
        self.window = window
        self.asked = asked
        self.left = left
        self.budget = budget
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
            f"window {window} has rho {float(left):.6g} left of {float(budget):.6g}, and this plan costs "
            f"{float(asked):.6g}. {remedy}",
        )


class Ledger:
    """The charges of one store.

    Parameters
    ----------
    engine
        An opened state database (:func:`hereabouts.state.open_state`): the store's own, or one that stores
        share.
    store_id
        The store's id.
    """

    def __init__(self, engine: Engine, store_id: str) -> None:
        self._engine = engine
        self._store_id = store_id

    def reserve(
        self,
        window: str,
        key: str,
        rho: Fraction,
        budget_rho: Fraction,
        epsilon: float,
        delta: float,
        plan_name: str,
        plan_key: str = "",
        data_version: str = "",
    ) -> Charge:
        """Charge a window for one measurement, or return the charge that already stands for it.

        Whoever gets an *open* charge must hold the window for itself until it is measured or void: the ledger
        sees to it that a measurement is paid for once, not that it is drawn once.

        Parameters
        ----------
        window, key
            The window's name, and the measurement's key within it.
        rho
            What the measurement costs, more than 0.
        budget_rho
            The whole budget of a window.
        epsilon, delta, plan_name
            What the plan said; recorded for people.
        plan_key, data_version
            What the key is made of: the same plan finds the charge by the former after the data have changed.

        Returns
        -------
        Charge
            Open (measure it now, with noise for ``charge.rho``) or measured (use what was measured; nothing
            is paid).

        Raises
        ------
        BudgetRefusedError
            If less than `rho` is left.
        RefusedError
            If the key stands open at another price: it must be finished or voided first.
        """
        _require_exact(rho)
        _require_exact(budget_rho)
        if rho <= 0:
            raise ValueError(f"a charge is more than 0 (got rho {rho})")
        with writing(self._engine) as session:
            standing = self._standing(session, window, key)
            if standing is not None:
                if standing.state == "open" and standing.rho != rho:
                    raise RefusedError(
                        "charge",
                        f"the measurement {key[:16]} of window {window} stands open at rho {standing.rho}, "
                        f"and rho {rho} was asked for it: finish or void the open charge first",
                    )
                return standing
            self._require_left(session, window, rho, budget_rho)
            row = ChargeRow(
                store_id=self._store_id,
                window=window,
                measurement_key=key,
                rho=f"{rho.numerator}/{rho.denominator}",
                epsilon=epsilon,
                delta=delta,
                plan_name=plan_name,
                state="open",
                created=int(time.time()),
                plan_key=plan_key,
                data_version=data_version,
            )
            session.add(row)
            session.flush()
            return _charge(row)

    def require_left(self, window: str, rho: Fraction, budget_rho: Fraction) -> None:
        """See that a window has something left, and reserve nothing.

        Raises
        ------
        BudgetRefusedError
            If less than `rho` is left.
        """
        with reading(self._engine) as session:
            self._require_left(session, window, rho, budget_rho)

    def mark_measured(self, charge: Charge) -> Charge:
        """Say that the noisy measurement of an open charge was persisted; the charge now stands for good.

        Raises
        ------
        RefusedError
            If the charge is no longer open.
        """
        return self._close(charge, "measured")

    def void(self, charge: Charge) -> Charge:
        """Give back what an open charge holds.

        Only for a charge of which nothing was persisted or shown: noise that somebody may have seen is paid
        for.

        Raises
        ------
        RefusedError
            If the charge is no longer open.
        """
        return self._close(charge, "void")

    def find(self, window: str, key: str) -> Charge | None:
        """Return the open or measured charge of a measurement; ``None`` if it would have to be paid for."""
        with reading(self._engine) as session:
            return self._standing(session, window, key)

    def measured(self, window: str, plan_key: str | None = None) -> list[Charge]:
        """Return a window's measured charges, the newest first: all, or those of one plan whatever the data were."""
        with reading(self._engine) as session:
            found = [charge for charge in self._live(session, window) if charge.state == "measured"]
        return [charge for charge in reversed(found) if plan_key in (None, charge.plan_key)]

    def open_charges(self, window: str) -> list[Charge]:
        """Return what was paid for and not measured, oldest first: finish or void it before anything else."""
        with reading(self._engine) as session:
            return [charge for charge in self._live(session, window) if charge.state == "open"]

    def all(self) -> list[Charge]:
        """Return every charge that was ever made, void ones too, oldest first."""
        with reading(self._engine) as session:
            query = select(ChargeRow).where(ChargeRow.store_id == self._store_id).order_by(ChargeRow.id)
            return [_charge(row) for row in session.scalars(query)]

    def spent(self, window: str) -> Fraction:
        """Rho that a device in this window has spent in it; open charges count."""
        with reading(self._engine) as session:
            return _sum(self._live(session, window))

    def by_window(self) -> dict[str, Fraction]:
        """Rho spent in each window, by name; windows whose charges are all void are left out."""
        totals: dict[str, Fraction] = {}
        with reading(self._engine) as session:
            for charge in self._live(session):
                totals[charge.window] = totals.get(charge.window, Fraction(0)) + charge.rho
        return dict(sorted(totals.items()))

    def lifetime(self) -> Fraction:
        """Rho that a device which is in every window has spent over its life in the store."""
        with reading(self._engine) as session:
            return _sum(self._live(session))

    def _require_left(self, session: Session, window: str, rho: Fraction, budget_rho: Fraction) -> None:
        left = max(Fraction(0), budget_rho - _sum(self._live(session, window)))
        if rho > left:
            raise BudgetRefusedError(window, asked=rho, left=left, budget=budget_rho)

    def _live(self, session: Session, window: str | None = None) -> list[Charge]:
        """Return the charges that count as spent, oldest first."""
        query = select(ChargeRow).where(ChargeRow.store_id == self._store_id, ChargeRow.state != "void")
        if window is not None:
            query = query.where(ChargeRow.window == window)
        return [_charge(row) for row in session.scalars(query.order_by(ChargeRow.id))]

    def _standing(self, session: Session, window: str, key: str) -> Charge | None:
        return next((charge for charge in self._live(session, window) if charge.key == key), None)

    def _close(self, charge: Charge, state: ChargeState) -> Charge:
        with writing(self._engine) as session:
            row = session.get(ChargeRow, charge.id)
            if row is None or row.store_id != self._store_id:
                raise RefusedError("charge", f"charge {charge.id} is not in this store's ledger: reserve it first")
            if row.state != "open":
                raise RefusedError(
                    "charge",
                    f"charge {row.id} of window {row.window} is {row.state}, and only an open one can "
                    f"become {state}: another command finished it; run yours again",
                )
            row.state = state
            if state == "measured":
                row.measured_at = int(time.time())
            session.flush()
            return _charge(row)


def _require_exact(value: object) -> None:
    if not isinstance(value, Fraction):
        raise TypeError(f"the ledger takes exact fractions (got {type(value).__name__} {value!r})")


def _sum(charges: Sequence[Charge]) -> Fraction:
    return sum((charge.rho for charge in charges), Fraction(0))


def _charge(row: ChargeRow) -> Charge:
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
