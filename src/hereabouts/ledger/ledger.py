"""The ledger: who may measure, because it was paid for.

A charge is written, and is on the disk, before any noise is drawn; so a crash at any moment leaves a charge without a
measurement (finish it or void it), never a measurement without a charge.

What was spent in a window never exceeds its budget, whatever runs at the same time: looking and paying happen in one
transaction that holds the whole database (:func:`hereabouts.state.writing`). Sums are of fractions; no float takes
part. Windows are the privacy unit, and a device may be in all of them: over its life it has spent the sum. Where
stores have taken a same feed, what each has spent counts for all (:mod:`hereabouts.ledger.pool`).
"""

from __future__ import annotations

import time
from collections.abc import Collection
from fractions import Fraction

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from hereabouts.errors import RefusedError
from hereabouts.ledger.charges import BudgetRefusedError, Charge, charge_of, exact, live, total
from hereabouts.ledger.pool import Account, Pool, Room, members, register
from hereabouts.state.database import reading, writing
from hereabouts.state.ledgers import LedgerFeed
from hereabouts.state.tables import ChargeRow, ChargeState


class Ledger:
    """What one store has spent, and may spend.

    Parameters
    ----------
    engine
        An opened state database (:func:`hereabouts.state.open_state`): the store's own, or one that stores
        share.
    account
        The store.
    """

    def __init__(self, engine: Engine, account: Account) -> None:
        self._engine = engine
        self._account = account

    def reserve(
        self,
        window: str,
        key: str,
        rho: Fraction,
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
            If less than `rho` is left, in that window or in one that it draws on.
        RefusedError
            If the key stands open at another price: it must be finished or voided first.
        """
        _require_exact(rho)
        if rho <= 0:
            raise ValueError(f"a charge is more than 0 (got rho {rho})")
        with writing(self._engine) as session:
            register(session, self._account)
            standing = self._standing(session, window, key)
            if standing is not None:
                if standing.state == "open" and standing.rho != rho:
                    raise RefusedError(
                        "charge",
                        f"the measurement {key[:16]} of window {window} stands open at rho {standing.rho}, "
                        f"and rho {rho} was asked for it: finish or void the open charge first",
                    )
                return standing
            self._require_left(session, window, rho)
            row = ChargeRow(
                store_id=self._account.store,
                window=window,
                measurement_key=key,
                rho=exact(rho),
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
            return charge_of(row)

    def require_left(self, window: str, rho: Fraction, without: Collection[int] = ()) -> None:
        """See that a charge could be paid, and reserve nothing.

        Parameters
        ----------
        window, rho
            Its name, and what is asked.
        without
            Ids of charges that are taken for void.

        Raises
        ------
        BudgetRefusedError
            If less than `rho` is left, in that window or in one that it draws on.
        """
        with reading(self._engine) as session:
            self._require_left(session, window, rho, without)

    def left(self, window: str, without: Collection[int] = ()) -> Fraction:
        """The most that a charge on a window could cost now: what the tightest window has left that it draws on.

        Parameters
        ----------
        window
            Its name.
        without
            Ids of charges that are taken for void.
        """
        with reading(self._engine) as session:
            return self._tightest(session, window, without).left

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
            found = [charge for charge in self._own(session, window) if charge.state == "measured"]
        return [charge for charge in reversed(found) if plan_key in (None, charge.plan_key)]

    def open_charges(self, window: str) -> list[Charge]:
        """Return what was paid for and not measured, oldest first: finish or void it before anything else."""
        with reading(self._engine) as session:
            return [charge for charge in self._own(session, window) if charge.state == "open"]

    def all(self) -> list[Charge]:
        """Return every charge that the store ever made, void ones too, oldest first."""
        with reading(self._engine) as session:
            query = select(ChargeRow).where(ChargeRow.store_id == self._account.store).order_by(ChargeRow.id)
            return [charge_of(row) for row in session.scalars(query)]

    def spent(self, window: str) -> Fraction:
        """Rho that a device in this window has spent in it, in all stores of the pool; open charges count."""
        return self.by_window().get(window, Fraction(0))

    def by_window(self) -> dict[str, Fraction]:
        """Rho spent in each of the store's windows, by name; windows whose charges are all void are left out."""
        with reading(self._engine) as session:
            pool = Pool.of(session, self._account)
        return {window.name: total(charges) for window, charges in pool.drawn_on(self._account)}

    def lifetime(self) -> Fraction:
        """Rho that a device which is in every window of every store of the pool has spent over its life in them."""
        with reading(self._engine) as session:
            return total(Pool.of(session, self._account).charges)

    def others(self) -> int:
        """How many other stores are in the store's pool: what they spend counts here, and the other way round."""
        with reading(self._engine) as session:
            return len(members(session, self._account.store)) - 1

    def take(self, feed: str) -> bool:
        """Register that a feed is about to be taken: before its pings count, for they do not wait for a ledger.

        Whoever is stopped in between is in a pool with others and has none of their pings: too much is counted, and
        not too little. The same feed again changes nothing.

        Parameters
        ----------
        feed
            Digest of its bytes.

        Returns
        -------
        bool
            Whether the ledger did not know yet that the store takes it.

        Raises
        ------
        RefusedError
            By the budget: it was taken by another store of this ledger, and together with what was spent there, a
            window would have spent more than it may. Nothing is registered then. To take it all the same, with
            nothing left in that window, would break a promise in retrospect: that the device in it spends no more.
        """
        with writing(self._engine) as session:
            register(session, self._account)
            if session.get(LedgerFeed, (feed, self._account.store)) is not None:
                return False
            before = members(session, self._account.store)
            session.add(LedgerFeed(digest=feed, store_id=self._account.store))
            session.flush()
            pool = Pool.of(session, self._account)
            if pool.accounts.keys() != before:
                _require_room_for_both(pool, before)
            return True

    def untake(self, feeds: Collection[str]) -> None:
        """Take back what :meth:`take` registered anew, for feeds of which nothing counts."""
        with writing(self._engine) as session:
            mine = LedgerFeed.store_id == self._account.store
            session.execute(delete(LedgerFeed).where(mine, LedgerFeed.digest.in_(list(feeds))))

    def _require_left(self, session: Session, window: str, rho: Fraction, without: Collection[int] = ()) -> None:
        room = self._tightest(session, window, without)
        if rho > room.left:
            other = None if room.account.store == self._account.store else room.account.store
            raise BudgetRefusedError(room.window.name, rho, room.left, room.account.budget, other)

    def _tightest(self, session: Session, window: str, without: Collection[int] = ()) -> Room:
        """Of the windows that a charge draws on, the one that has least left; the store's own before others'."""
        pool = Pool.of(session, self._account)
        pool = Pool(pool.accounts, [charge for charge in pool.charges if charge.id not in without])
        rooms = pool.rooms(self._account.calendar.named(window))
        return min(rooms, key=lambda room: (room.left, room.account.store != self._account.store))

    def _own(self, session: Session, window: str) -> list[Charge]:
        """The charges on a window that count as spent, oldest first."""
        return live(session, [self._account.store], window)

    def _standing(self, session: Session, window: str, key: str) -> Charge | None:
        return next((charge for charge in self._own(session, window) if charge.key == key), None)

    def _close(self, charge: Charge, state: ChargeState) -> Charge:
        with writing(self._engine) as session:
            row = session.get(ChargeRow, charge.id)
            if row is None or row.store_id != self._account.store:
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
            return charge_of(row)


def _require_room_for_both(pool: Pool, before: Collection[str]) -> None:
    """See that two pools, one of which is `before`, can be one: that alone makes no window spend more than it may."""
    for account in pool.accounts.values():
        for window, charges in pool.drawn_on(account):
            spent = total(charges)
            apart = total([c for c in charges if (c.store_id in before) == (account.store in before)])
            if spent > max(account.budget, apart):
                raise RefusedError(
                    "budget",
                    f"another store of this ledger has taken this feed; together they have spent rho "
                    f"{float(spent):.6g} in window {window.name} of store {account.store}, whose budget is "
                    f"{float(account.budget):.6g}: leave the feed out, or take it into a new store that draws on this "
                    "ledger and has budget for what was spent",
                )


def _require_exact(value: object) -> None:
    if not isinstance(value, Fraction):
        raise TypeError(f"the ledger takes exact fractions (got {type(value).__name__} {value!r})")
