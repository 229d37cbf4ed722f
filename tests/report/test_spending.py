from __future__ import annotations

from fractions import Fraction

import pytest

from hereabouts.report.manifest import Cost, Privacy
from hereabouts.report.spending import bar, spending

NOTHING = Privacy(None, Cost(), Cost(), Cost(), Cost(), None)


def test_the_bar_adds_up() -> None:
    shares = bar(Fraction(1, 100), Fraction(3, 100), Fraction(5, 100))
    assert shares is not None
    assert (shares.this, shares.earlier, shares.left) == pytest.approx((0.2, 0.4, 0.4))


def test_a_budget_that_is_overdrawn_or_unknown_is_not_hidden() -> None:
    over = bar(Fraction(1, 100), Fraction(10, 100), Fraction(5, 100))
    assert over is not None
    assert over.left == 0
    assert over.this + over.earlier == pytest.approx(1)
    assert bar(None, None, Fraction(1)) is None
    assert bar(Fraction(1), None, None) is None


def test_epsilon_is_told_as_odds() -> None:
    told = spending(Privacy("all of it", Cost(1.0, 1e-6, Fraction(1, 60)), Cost(), Cost(), Cost(), None))
    assert told.odds is not None
    assert "a factor of 2.7 at most" in told.odds
    assert "one in 1,000,000" in told.odds
    assert told.unit == "all of it"


def test_the_tighter_bound_stands_beside_what_was_paid_and_not_in_its_place() -> None:
    paid, tighter = Cost(1.0, 1e-6, Fraction(1, 60)), Cost(0.9275, 1e-6)
    told = spending(Privacy("all of it", paid, Cost(), Cost(), Cost(), None, restated=tighter))
    assert told.this == "ε = 1, δ = 1e-6 (ρ = 0.0167); a tighter bound on the same noise gives ε = 0.927"
    assert told.odds is not None
    assert "a factor of 2.7 at most" in told.odds, "of what was paid"
    for other in (Cost(), paid, Cost(1.1, 1e-6)):
        told = spending(Privacy("all of it", paid, Cost(), Cost(), Cost(), None, restated=other))
        assert told.this == "ε = 1, δ = 1e-6 (ρ = 0.0167)"


def test_what_the_manifest_does_not_say_is_not_made_up() -> None:
    told = spending(NOTHING)
    assert {told.odds, told.window, told.lifetime, told.bar} == {None}
    assert "not stated" in told.this
