"""Pools: stores of one ledger that have taken a same feed, directly or through others, and spend each other's budget.

A budget is a promise for all of one device's pings in one window of one store. Who has taken a same feed holds the
same pings, and what is released of them anywhere is released of the device: so a charge of one store draws on every
window of every store of its pool that shares time with the window charged, by that store's own calendar, and counts
against that store's own budget. Windows need not be the same ones: of windows that overlap, each is drawn on whole.

That two stores hold the same pings is only known where they took the same bytes. A pool is therefore closed: who
shares a feed with a store shares the pool of that store. It counts rather too much than too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from hereabouts.ledger.charges import Charge, exact, live, total
from hereabouts.state.ledgers import LedgerFeed, LedgerStore
from hereabouts.windows import Calendar, Window


@dataclass(frozen=True)
class Account:
    """A store as its ledger knows it.

    Attributes
    ----------
    store
        Its id.
    calendar
        Its windows.
    budget
        Rho that each of them may spend, exact.
    """

    store: str
    calendar: Calendar
    budget: Fraction

    def sharing_time(self, window: Window) -> list[Window]:
        """The store's windows that share time with one of any store."""
        found = [self.calendar.at(window.start)]
        while found[-1].end < window.end:
            found.append(self.calendar.window(self.calendar.number(found[-1]) + 1))
        return found


@dataclass(frozen=True)
class Room:
    """A window of a store, and what was spent in it."""

    account: Account
    window: Window
    spent: Fraction

    @property
    def left(self) -> Fraction:
        """What it has left, never below 0: a budget may have been lowered."""
        return max(self.account.budget - self.spent, Fraction(0))


@dataclass(frozen=True)
class Pool:
    """The stores of a pool and what they have spent, as one transaction sees them.

    Attributes
    ----------
    accounts
        By store.
    charges
        All that count as spent.
    """

    accounts: Mapping[str, Account]
    charges: Sequence[Charge]

    @classmethod
    def of(cls, session: Session, account: Account) -> Pool:
        """The pool of a store, which need not be registered."""
        stores = members(session, account.store)
        rows = session.scalars(select(LedgerStore).where(LedgerStore.id.in_(list(stores))))
        accounts = {row.id: _account(row) for row in rows} | {account.store: account}
        return cls(accounts, live(session, stores))

    def when(self, charge: Charge) -> Window:
        """The window that a charge is of."""
        return self.accounts[charge.store_id].calendar.named(charge.window)

    def rooms(self, window: Window) -> list[Room]:
        """Every window that a charge on a window would draw on."""
        near = [(charge, self.when(charge)) for charge in self.charges]
        return [
            Room(account, other, total([charge for charge, charged in near if share_time(charged, other)]))
            for account in self.accounts.values()
            for other in account.sharing_time(window)
        ]

    def drawn_on(self, account: Account) -> Iterator[tuple[Window, list[Charge]]]:
        """The windows of a store that anything was spent in, in order, with what draws on them."""
        found: dict[str, tuple[Window, list[Charge]]] = {}
        for charge in self.charges:
            for window in account.sharing_time(self.when(charge)):
                found.setdefault(window.name, (window, []))[1].append(charge)
        yield from sorted(found.values(), key=lambda pair: pair[0].start)


def members(session: Session, store: str) -> set[str]:
    """Ids of the stores in the pool of one, itself among them."""
    found = new = {store}
    while new:
        taken = select(LedgerFeed.digest).where(LedgerFeed.store_id.in_(list(new)))
        query = select(LedgerFeed.store_id).where(LedgerFeed.digest.in_(taken)).distinct()
        new = set(session.scalars(query)) - found
        found = found | new
    return found


def register(session: Session, account: Account) -> None:
    """Say what others need to know of a store, as it is now; its budget may have changed."""
    calendar = account.calendar
    known = session.get(LedgerStore, account.store)
    if known is None or _account(known) != account:
        session.merge(
            LedgerStore(
                id=account.store,
                timezone=calendar.timezone,
                days=calendar.days,
                anchor=calendar.anchor,
                budget=exact(account.budget),
            )
        )
        session.flush()


def share_time(one: Window, other: Window) -> bool:
    """Whether there is an instant that lies in both windows."""
    return one.start < other.end and other.start < one.end


def _account(row: LedgerStore) -> Account:
    return Account(row.id, Calendar(row.timezone, row.days, row.anchor), Fraction(row.budget))
