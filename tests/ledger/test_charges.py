"""Charges: what is kept of a fraction, and what is said of a window that has too little left."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.ledger.charges import BudgetRefusedError, exact

WINDOW = "2008-02-02/2008-02-09"


@given(value=st.fractions())
def test_a_fraction_is_kept_as_it_is(value: Fraction) -> None:
    assert Fraction(exact(value)) == value


@pytest.mark.parametrize(
    ("store", "words"),
    [(None, f"window {WINDOW} has rho"), ("5eed", f"window {WINDOW} of store 5eed, which shares feeds with this one")],
)
def test_a_refusal_says_whose_window_has_too_little_left(store: str | None, words: str) -> None:
    refused = BudgetRefusedError(WINDOW, Fraction(1), Fraction(1, 2), Fraction(2), store)
    assert refused.rule == "budget"
    assert words in str(refused)
    assert "50%" in str(refused)


def test_where_nothing_is_left_no_smaller_plan_helps() -> None:
    assert "Nothing is left" in str(BudgetRefusedError(WINDOW, Fraction(1), Fraction(0), Fraction(2)))
