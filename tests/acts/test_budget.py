"""Budget: exact rho, restated; every window that was charged, and not a word of the others."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import budget, release
from hereabouts.acts.accounts import account_of, ledger_of
from hereabouts.ledger import Ledger
from hereabouts.privacy.accounting import rho_of
from hereabouts.privacy.loss import Piece, restated
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"


def test_a_store_without_pings_has_its_budget(empty_site: Site) -> None:
    found = budget(empty_site.store)
    assert found.windows == []
    assert found.whole.rho == rho_of(2.0, 1e-6)
    assert found.whole.epsilon == pytest.approx(2.0)
    assert (found.lifetime.rho, found.lifetime.epsilon, found.delta) == (Fraction(0), 0.0, 1e-6)
    assert found.lifetime.restated == 0.0


def test_what_is_spent_and_left_add_up(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    release(site.plan(window=SECOND, epsilon=0.7), site.store, site.folder / "out")
    found = budget(site.store)
    (second,) = found.windows
    assert second.window == SECOND
    assert second.spent.rho == rho_of(0.7, 1e-6)
    assert second.spent.rho + second.left.rho == found.whole.rho
    assert second.spent.epsilon == pytest.approx(0.7)
    assert second.spent.epsilon + second.left.epsilon > 2.0, "rho adds up, epsilon does not"


def test_what_was_spent_is_restated_and_what_is_left_is_not(sealed_site: Site, copy: Copy) -> None:
    """A window's and a life's restatement follow from the charges alone; nothing is bought by them."""
    site = copy(sealed_site)
    ledger = ledger_of(Store(site.store))
    third, half = rho_of(0.3, 1e-6), rho_of(0.5, 1e-6)
    for window, key, rho in ((FIRST, "a", third), (FIRST, "b", half), (SECOND, "a", half)):
        ledger.mark_measured(ledger.reserve(window, key, rho, 0.5, 1e-6, "plan"))
    ledger.reserve(SECOND, "open", third, 0.3, 1e-6, "cut off")
    found = budget(site.store)
    first, second = found.windows
    assert first.spent.restated == restated([Piece(third + half)], 1e-6).epsilon < 0.96 * first.spent.epsilon
    assert second.spent == first.spent
    assert found.lifetime.rho == 2 * (third + half)
    assert found.lifetime.restated == restated([Piece(2 * (third + half))], 1e-6).epsilon
    assert found.lifetime.restated < found.lifetime.epsilon
    assert first.left.rho == found.whole.rho - third - half


def test_a_life_of_many_windows_has_an_epsilon(sealed_site: Site, copy: Copy) -> None:
    """However absurd: the command says so, and does not fail."""
    site = copy(sealed_site)
    store, much = Store(site.store), Fraction(900)
    ledger = Ledger(store.ledger, replace(account_of(store), budget=much))
    for window in (FIRST, SECOND):
        ledger.mark_measured(ledger.reserve(window, "a", much, 20.0, 1e-6, "plan"))
    assert budget(site.store).lifetime.epsilon > 1800


def test_which_windows_have_pings_is_not_said(sealed_site: Site) -> None:
    """One device with a stray clock would show in such a list."""
    assert budget(sealed_site.store).windows == []


def test_an_open_charge_counts_as_spent(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    ledger = ledger_of(Store(site.store))
    ledger.reserve(FIRST, "key", Fraction(1, 64), 0.5, 1e-6, "cut off")
    assert budget(site.store).windows[0].spent.rho == Fraction(1, 64)


def test_a_budget_that_was_lowered_is_not_negative(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    release(site.plan(), site.store, site.folder / "out")
    policy = site.store / "policy.toml"
    policy.write_text(policy.read_text().replace("epsilon = 2.0", "epsilon = 0.5"))
    (first,) = budget(site.store).windows
    assert (first.left.rho, first.left.epsilon) == (Fraction(0), 0.0)


def test_a_charged_window_that_the_store_does_not_know_is_shown(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    ledger_of(Store(site.store)).reserve(FIRST, "key", Fraction(1, 64), 0.5, 1e-6, "lost")
    assert [window.window for window in budget(site.store).windows] == [FIRST]
