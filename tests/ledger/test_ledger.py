"""The ledger: nobody overspends, nobody pays twice, and what was seen is never given back."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from hereabouts.errors import RefusedError
from hereabouts.ledger import Account, BudgetRefusedError, Charge, Ledger
from hereabouts.state import open_state
from hereabouts.windows import Calendar

WINDOW = "2008-02-02/2008-02-09"
THIRD = Fraction(1, 3)


CALENDAR = Calendar("UTC", 7, dt.date(2008, 2, 2))


@pytest.fixture
def engine(database: str) -> Engine:
    return open_state(database, create=True)


def ledger_of(engine: Engine, store: str = "store-a", budget: Fraction = Fraction(1)) -> Ledger:
    return Ledger(engine, Account(store, CALENDAR, budget))


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return ledger_of(engine)


def pay(ledger: Ledger, key: str, rho: Fraction = THIRD, window: str = WINDOW) -> Charge:
    return ledger.reserve(window, key, rho, epsilon=1.0, delta=1e-6, plan_name="weekday-movement")


def test_an_open_charge_counts_as_spent(ledger: Ledger) -> None:
    charge = pay(ledger, "k")
    assert (charge.state, charge.rho, charge.window, charge.key) == ("open", THIRD, WINDOW, "k")
    assert (charge.epsilon, charge.delta, charge.plan_name) == (1.0, 1e-6, "weekday-movement")
    assert charge.created > 1_600_000_000
    assert ledger.spent(WINDOW) == THIRD
    assert ledger.open_charges(WINDOW) == [charge]


def test_a_measured_charge_stands_for_good(ledger: Ledger) -> None:
    measured = ledger.mark_measured(pay(ledger, "k"))
    assert measured.state == "measured"
    assert measured.measured_at is not None
    assert ledger.open_charges(WINDOW) == []
    assert ledger.spent(WINDOW) == THIRD
    with pytest.raises(RefusedError, match="is measured, and only an open one can become void"):
        ledger.void(measured)
    assert ledger.spent(WINDOW) == THIRD


def test_a_void_charge_gives_back_what_it_held(ledger: Ledger) -> None:
    charge = pay(ledger, "k", Fraction(1))
    assert ledger.void(charge).state == "void"
    assert ledger.spent(WINDOW) == 0
    assert ledger.find(WINDOW, "k") is None
    again = pay(ledger, "k", Fraction(1))
    assert again.id != charge.id
    with pytest.raises(RefusedError, match="is void"):
        ledger.mark_measured(charge)


def test_a_measurement_is_marked_once(ledger: Ledger) -> None:
    """The second of two commands that measured on one charge must not think that its noise stands."""
    charge = pay(ledger, "k")
    ledger.mark_measured(charge)
    with pytest.raises(RefusedError, match="is measured"):
        ledger.mark_measured(charge)


def test_the_same_measurement_is_paid_for_once(engine: Engine, ledger: Ledger) -> None:
    charge = pay(ledger, "k", Fraction(1))
    assert pay(ledger, "k", Fraction(1)) == charge
    measured = ledger.mark_measured(charge)
    assert pay(ledger, "k", Fraction(1)) == measured
    assert pay(ledger_of(engine, budget=Fraction(0)), "k", Fraction(2)) == measured, "free, whatever is left"
    assert ledger.find(WINDOW, "k") == measured
    assert ledger.spent(WINDOW) == 1


def test_an_open_charge_is_not_handed_out_at_another_price(ledger: Ledger) -> None:
    pay(ledger, "k", THIRD)
    with pytest.raises(RefusedError, match="finish or void the open charge first"):
        pay(ledger, "k", THIRD / 2)


def test_a_budget_can_be_spent_to_the_last_grain_and_no_further(ledger: Ledger) -> None:
    """Three thirds are one whole: in floats this test could not be written."""
    for key in "abc":
        pay(ledger, key)
    assert ledger.spent(WINDOW) == 1
    with pytest.raises(BudgetRefusedError) as refusal:
        pay(ledger, "d", Fraction(1, 10**30))
    assert refusal.value.left == 0
    assert refusal.value.budget == 1
    assert "Nothing is left" in str(refusal.value)


def test_a_refusal_says_what_is_left_what_was_asked_and_what_to_do(ledger: Ledger) -> None:
    pay(ledger, "a", Fraction(3, 4))
    with pytest.raises(BudgetRefusedError) as refusal:
        pay(ledger, "b", Fraction(1, 2))
    assert refusal.value.rule == "budget"
    assert refusal.value.exit_code == 3
    assert (refusal.value.asked, refusal.value.left) == (Fraction(1, 2), Fraction(1, 4))
    message = str(refusal.value)
    for part in (WINDOW, "0.25 left of 1", "costs 0.5", "smaller epsilon", "50%", "hereabouts preview"):
        assert part in message
    assert ledger.spent(WINDOW) == Fraction(3, 4)


def test_a_budget_that_was_lowered_is_not_negative(engine: Engine, ledger: Ledger) -> None:
    pay(ledger, "a", Fraction(1))
    lowered = ledger_of(engine, budget=Fraction(1, 2))
    with pytest.raises(BudgetRefusedError) as refusal:
        pay(lowered, "b", Fraction(1, 10))
    assert refusal.value.left == lowered.left(WINDOW) == 0


def test_windows_have_budgets_of_their_own_and_a_life_has_their_sum(ledger: Ledger) -> None:
    pay(ledger, "k", Fraction(1), window="2008-02-09/2008-02-16")
    pay(ledger, "k", Fraction(1), window=WINDOW)
    pay(ledger, "j", Fraction(1, 7), window="2008-02-16/2008-02-23")
    ledger.void(pay(ledger, "k", Fraction(1), window="2008-02-23/2008-03-01"))
    assert list(ledger.by_window().items()) == [
        (WINDOW, Fraction(1)),
        ("2008-02-09/2008-02-16", Fraction(1)),
        ("2008-02-16/2008-02-23", Fraction(1, 7)),
    ]
    assert ledger.lifetime() == Fraction(15, 7)
    assert ledger.spent("2008-03-01/2008-03-08") == 0


def test_stores_in_one_ledger_are_told_apart(engine: Engine, ledger: Ledger) -> None:
    other = ledger_of(engine, "store-b")
    charge = pay(ledger, "k", Fraction(1))
    assert pay(other, "k", Fraction(1)).id != charge.id
    assert ledger.lifetime() == other.lifetime() == 1
    with pytest.raises(RefusedError, match="not in this store's ledger"):
        other.void(charge)


def test_an_empty_ledger_has_spent_nothing(ledger: Ledger) -> None:
    assert ledger.spent(WINDOW) == ledger.lifetime() == 0
    assert ledger.by_window() == {}


def test_the_ledger_takes_no_floats(ledger: Ledger) -> None:
    with pytest.raises(TypeError, match="exact"):
        pay(ledger, "k", 0.5)  # type: ignore[arg-type]
    for rho in (Fraction(0), Fraction(-1, 2)):
        with pytest.raises(ValueError, match="more than 0"):
            pay(ledger, "k", rho)


@given(value=st.fractions(min_value=Fraction(1, 10**40), max_value=10**6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rho_comes_back_exactly(engine: Engine, value: Fraction) -> None:
    ledger = ledger_of(engine, uuid.uuid4().hex, value)
    pay(ledger, "k", value)
    assert ledger.spent(WINDOW) == value


acts = st.lists(
    st.tuples(
        st.sampled_from(["pay", "pay", "pay", "measure", "void"]),
        st.sampled_from("abcde"),
        st.fractions(min_value=Fraction(1, 97), max_value=Fraction(1, 2), max_denominator=97),
    ),
    max_size=12,
)


def refused(ledger: Ledger, key: str, rho: Fraction) -> str | None:
    try:
        pay(ledger, key, rho)
    except RefusedError as refusal:
        return refusal.rule
    return None


@given(acts=acts)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_the_budget_holds(engine: Engine, acts: list[tuple[str, str, Fraction]]) -> None:
    """Against a dictionary: live charges by key, and never more than the budget."""
    ledger = ledger_of(engine, uuid.uuid4().hex)
    live: dict[str, Charge] = {}
    for act, key, rho in acts:
        standing = live.get(key)
        if act == "pay":
            refusal = refused(ledger, key, rho)
            if refusal is None:
                live[key] = pay(ledger, key, rho)  # the same one again: free
            elif refusal == "charge":
                assert standing is not None
                assert standing.rho != rho
            else:
                assert standing is None
                assert sum(charge.rho for charge in live.values()) + rho > 1
        elif standing is not None and standing.state == "open":
            live[key] = ledger.mark_measured(standing) if act == "measure" else ledger.void(standing)
            if act == "void":
                del live[key]
        assert ledger.spent(WINDOW) == sum(charge.rho for charge in live.values()) <= 1


def contend(ledger: Ledger, keys: list[str], price: Fraction) -> int:
    """Let one thread a key pay at once; return how many could."""
    barrier = threading.Barrier(len(keys))

    def one(key: str) -> bool:
        barrier.wait()
        try:
            pay(ledger, key, price)
        except BudgetRefusedError:
            return False
        return True

    with ThreadPoolExecutor(len(keys)) as pool:
        return sum(pool.map(one, keys))


def test_sixteen_threads_at_a_budget_for_five(engine: Engine) -> None:
    price = Fraction(1, 7)
    ledger = ledger_of(engine, budget=5 * price)
    assert contend(ledger, [f"k{number}" for number in range(16)], price) == 5
    assert ledger.spent(WINDOW) == 5 * price


def test_sixteen_threads_with_one_measurement_pay_once(engine: Engine) -> None:
    ledger = ledger_of(engine, budget=THIRD)
    assert contend(ledger, ["k"] * 16, THIRD) == 16
    assert ledger.spent(WINDOW) == THIRD


def test_a_plan_finds_its_measurements_whatever_the_data_were(ledger: Ledger) -> None:
    """The newest first; what was paid and not measured is none."""
    for number, version in enumerate(("old", "new", "newest")):
        charge = ledger.reserve(WINDOW, f"key {number}", THIRD / 9, 1.0, 1e-6, "plan", "ours", version)
        assert (charge.plan_key, charge.data_version) == ("ours", version)
        if version != "newest":
            ledger.mark_measured(charge)
    ledger.mark_measured(ledger.reserve(WINDOW, "other", THIRD / 9, 1.0, 1e-6, "plan", "theirs", "new"))
    assert [charge.data_version for charge in ledger.measured(WINDOW, "ours")] == ["new", "old"]
    assert [charge.key for charge in ledger.measured(WINDOW)] == ["other", "key 1", "key 0"]
    assert ledger.measured("2008-02-09/2008-02-16", "ours") == []


def test_asking_what_is_left_reserves_nothing(ledger: Ledger) -> None:
    ledger.require_left(WINDOW, Fraction(1))
    with pytest.raises(BudgetRefusedError) as refusal:
        ledger.require_left(WINDOW, Fraction(2))
    assert (refusal.value.asked, refusal.value.left) == (Fraction(2), Fraction(1))
    assert ledger.spent(WINDOW) == 0


def test_what_is_taken_for_void_is_left(ledger: Ledger) -> None:
    charge = pay(ledger, "a", Fraction(3, 4))
    assert ledger.left(WINDOW) == Fraction(1, 4)
    assert ledger.left(WINDOW, without=[charge.id]) == 1
    ledger.require_left(WINDOW, Fraction(1), without=[charge.id])
