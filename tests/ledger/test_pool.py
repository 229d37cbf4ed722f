"""Pools: who has taken a same feed spends the same budget, window by window, and nobody else's."""

from __future__ import annotations

import contextlib
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from hereabouts.errors import RefusedError
from hereabouts.ledger import Account, BudgetRefusedError, Ledger
from hereabouts.ledger.pool import Pool, share_time
from hereabouts.state import open_state, reading, writing
from hereabouts.state.ledgers import LedgerFeed, LedgerStore
from hereabouts.state.tables import ChargeRow
from hereabouts.windows import Calendar

WEEKS = Calendar("UTC", 7, dt.date(2024, 3, 4))
FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
HALF, WHOLE = Fraction(1, 2), Fraction(1)


@pytest.fixture
def engine(database: str) -> Engine:
    return open_state(database, create=True)


def account(store: str, calendar: Calendar = WEEKS, budget: Fraction = WHOLE) -> Account:
    return Account(store, calendar, budget)


def pay(ledger: Ledger, rho: Fraction, window: str = FIRST, key: str = "k") -> None:
    ledger.mark_measured(ledger.reserve(window, key, rho, 1.0, 1e-6, "plan"))


def two(engine: Engine, feed: str = "f") -> tuple[Ledger, Ledger]:
    """Two stores that have taken the same feed."""
    ledgers = Ledger(engine, account("a")), Ledger(engine, account("b"))
    for ledger in ledgers:
        assert ledger.take(feed)
    return ledgers


def test_stores_that_have_nothing_in_common_have_budgets_of_their_own(engine: Engine) -> None:
    a, b = Ledger(engine, account("a")), Ledger(engine, account("b"))
    a.take("f")
    b.take("g")
    pay(a, WHOLE)
    pay(b, WHOLE)
    assert a.left(FIRST) == b.left(FIRST) == 0
    assert a.lifetime() == b.lifetime() == 1
    assert a.others() == 0


def test_what_one_spends_of_a_same_feed_the_other_has_not(engine: Engine) -> None:
    a, b = two(engine)
    pay(a, HALF)
    assert b.left(FIRST) == b.spent(FIRST) == b.lifetime() == HALF
    assert b.left(SECOND) == 1
    pay(b, HALF)
    for ledger in (a, b):
        assert ledger.by_window() == {FIRST: WHOLE}
        with pytest.raises(BudgetRefusedError):
            pay(ledger, Fraction(1, 10**20), key="more")
    assert a.others() == b.others() == 1


def test_the_order_of_taking_and_spending_does_not_matter(engine: Engine) -> None:
    """What was spent of a feed before another store took it was spent all the same."""
    a, b = Ledger(engine, account("a")), Ledger(engine, account("b"))
    a.take("f")
    pay(a, Fraction(2, 3))
    b.take("f")
    with pytest.raises(BudgetRefusedError) as refused:
        pay(b, HALF)
    assert (refused.value.left, refused.value.store) == (Fraction(1, 3), None)


def test_a_pool_is_closed(engine: Engine) -> None:
    """Who shares a feed with a store shares all of its pool: the same pings may have come as other bytes."""
    a, b = two(engine)
    c = Ledger(engine, account("c"))
    b.take("g")
    c.take("g")
    pay(a, WHOLE)
    assert c.left(FIRST) == 0
    assert c.others() == 2


def test_windows_that_overlap_are_drawn_on_whole(engine: Engine) -> None:
    """Sunday in one time zone is Monday in another: both weeks pay."""
    auckland = Calendar("Pacific/Auckland", 7, dt.date(2024, 3, 4))
    days = Calendar("UTC", 1, dt.date(2024, 3, 4))
    a, b, c = (Ledger(engine, account(*each)) for each in (("a", WEEKS), ("b", auckland), ("c", days)))
    for ledger in (a, b, c):
        ledger.take("f")
    pay(c, HALF, "2024-03-10/2024-03-11")
    assert a.by_window() == {FIRST: HALF}
    assert b.by_window() == {FIRST: HALF, SECOND: HALF}, "Auckland's Monday begins on Sunday, UTC"
    pay(a, Fraction(1, 4))
    assert list(c.by_window()) == [f"2024-03-{day:02d}/2024-03-{day + 1:02d}" for day in range(4, 11)]
    assert c.spent("2024-03-10/2024-03-11") == Fraction(3, 4)
    assert c.spent("2024-03-11/2024-03-12") == 0
    assert c.left("2024-03-11/2024-03-12") == Fraction(1, 4), "what Auckland's second week has left"


def test_a_charge_is_refused_for_the_sake_of_another_stores_window(engine: Engine) -> None:
    """Each against its own budget: who promised less is kept to by all."""
    a, b = Ledger(engine, account("a")), Ledger(engine, account("b", budget=HALF))
    a.take("f")
    b.take("f")
    with pytest.raises(BudgetRefusedError) as refused:
        pay(a, Fraction(3, 4))
    assert (refused.value.store, refused.value.window, refused.value.left) == ("b", FIRST, HALF)
    assert a.left(FIRST) == HALF
    pay(a, HALF)


def test_a_feed_that_would_break_a_promise_is_not_taken(engine: Engine) -> None:
    a, b = Ledger(engine, account("a")), Ledger(engine, account("b"))
    a.take("f")
    pay(a, Fraction(2, 3))
    pay(b, Fraction(2, 3))
    with pytest.raises(
        RefusedError, match=f"window {FIRST} of store a, .*new store that draws on this ledger"
    ) as refused:
        b.take("f")
    assert refused.value.rule == "budget"
    assert b.others() == 0
    assert b.left(FIRST) == Fraction(1, 3)
    assert Ledger(engine, account("c")).take("f"), "a new store can"


def test_a_window_that_was_overspent_by_itself_does_not_stand_in_the_way(engine: Engine) -> None:
    """A budget that was lowered is its own store's matter."""
    a, b = Ledger(engine, account("a")), Ledger(engine, account("b"))
    pay(a, WHOLE)
    lowered = Ledger(engine, account("a", budget=HALF))
    b.take("f")
    assert lowered.take("f")
    assert lowered.left(FIRST) == b.left(FIRST) == 0


def test_taking_a_feed_again_changes_nothing(engine: Engine) -> None:
    a, b = two(engine)
    assert not a.take("f")
    a.untake(["f"])
    assert a.others() == b.others() == 0
    assert a.take("f")


def test_a_store_takes_back_nothing_of_another(engine: Engine) -> None:
    a, b = two(engine)
    a.untake(["f"])
    assert not b.take("f")


def test_a_budget_that_was_changed_is_known_to_others_from_the_next_charge_on(engine: Engine) -> None:
    _, b = two(engine)
    pay(Ledger(engine, account("a", budget=Fraction(1, 4))), Fraction(1, 8))
    assert b.left(FIRST) == Fraction(1, 8)


CALENDARS = [
    WEEKS,
    Calendar("Asia/Tokyo", 3, dt.date(2024, 3, 5)),
    Calendar("America/New_York", 1, dt.date(2024, 3, 4)),
]
acts = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 2), st.sampled_from("fgh")),
        st.tuples(
            st.just("pay"), st.integers(0, 2), st.integers(0, 9), st.fractions(Fraction(1, 9), 1, max_denominator=9)
        ),
    ),
    min_size=4,
    max_size=14,
)


@given(acts=acts)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_window_of_any_store_ever_spends_more_than_it_may(engine: Engine, acts: list[tuple[object, ...]]) -> None:
    """Whatever is taken and paid, in whatever order; counted again from all charges and feeds, without the pool."""
    with writing(engine) as session:
        for table in (ChargeRow, LedgerFeed, LedgerStore):
            session.execute(delete(table))
    accounts = [account(str(number), calendar) for number, calendar in enumerate(CALENDARS)]
    ledgers = [Ledger(engine, each) for each in accounts]
    for place, (act, number, *what) in enumerate(acts):
        ledger, mine = ledgers[int(str(number))], accounts[int(str(number))]
        with contextlib.suppress(RefusedError):
            if act == "take":
                ledger.take(str(what[0]))
            else:
                window = mine.calendar.window(int(str(what[0])) // mine.calendar.days)
                pay(ledger, Fraction(str(what[1])), window.name, f"key {place}")
    with reading(engine) as session:
        feeds = [(row.store_id, row.digest) for row in session.query(LedgerFeed)]
        paid = [(row.store_id, row.window, Fraction(row.rho)) for row in session.query(ChargeRow)]
        calendars = {each.store: each.calendar for each in accounts}
        for mine in accounts:
            taken = {digest for store, digest in feeds if store == mine.store}
            sharing = {store for store, digest in feeds if digest in taken} | {mine.store}
            for number in range(12):
                window = mine.calendar.window(number)
                spent = sum(
                    rho
                    for store, name, rho in paid
                    if store in sharing and share_time(calendars[store].named(name), window)
                )
                assert spent <= mine.budget
                assert Pool.of(session, mine).rooms(window)[0].spent >= 0


def test_stores_that_pay_at_once_do_not_overspend(engine: Engine) -> None:
    """Four stores, sixteen plans, a budget for five."""
    price = Fraction(1, 5)
    ledgers = [Ledger(engine, account(store)) for store in "abcd"]
    for ledger in ledgers:
        ledger.take("f")

    def one(number: int) -> bool:
        try:
            pay(ledgers[number % 4], price, key=f"key {number}")
        except BudgetRefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(16))) == 5
    assert all(ledger.spent(FIRST) == 1 for ledger in ledgers)
