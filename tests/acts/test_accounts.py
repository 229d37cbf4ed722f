"""Accounts: stores that share a ledger and a feed share a budget, and every command says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.acts import budget, intake, preview, release, verify
from hereabouts.acts.accounts import account_of, ledger_of
from hereabouts.acts.taking import Taking
from hereabouts.errors import RefusedError
from hereabouts.privacy.accounting import rho_of
from hereabouts.state import reading
from hereabouts.state.ledgers import LedgerFeed
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Command, Site

FIRST = "2024-03-04/2024-03-11"
ROWS = [
    f"{name},2024-03-05T{hour:02d}:00:00Z,52.3,-1.{number},true" for number, name in enumerate("abc") for hour in (8, 9)
]
Make = Callable[..., "Site"]


@pytest.fixture
def make(tmp_path: Path, empty_site: Site, command: Command) -> Make:
    """Make stores that share a ledger: ``make("name", "--budget", …)``."""

    def new(name: str, *args: object, ledger: str = f"sqlite:///{tmp_path}/ledger.sqlite") -> Site:
        (tmp_path / name).mkdir()
        site = type(empty_site)(tmp_path / name)
        done = command("init", site.store, "--ledger", ledger, *args)
        assert done.code == 0, done
        site.evidence.write_text("yes", encoding="utf-8")
        site.admit("acme")
        return site

    return new


def fill(site: Site, rows: list[str] = ROWS) -> Site:
    """Take and seal a feed, the same bytes for the same rows."""
    site.ok("intake", site.csv(rows), "--supplier", "acme")
    site.ok("seal")
    return site


def feeds(site: Site) -> set[tuple[str, str]]:
    """What the ledger knows: store and feed."""
    with reading(Store(site.store).ledger) as session:
        return {(row.store_id, row.digest) for row in session.query(LedgerFeed)}


def manifest(folder: Path) -> Any:
    return json.loads((folder / "release.json").read_text(encoding="utf-8"))


def test_what_one_store_spent_of_a_feed_the_other_has_not(make: Make) -> None:
    a, b = fill(make("a")), fill(make("b"))
    release(a.plan(), a.store, a.folder / "out")
    found = budget(b.store)
    assert [(known.window, known.spent.rho) for known in found.windows] == [(FIRST, rho_of(1.0, 1e-6))]
    assert found.lifetime.rho == rho_of(1.0, 1e-6)
    assert found.sharing == 1
    assert preview(b.plan(), b.store).left.rho == found.windows[0].left.rho == rho_of(2.0, 1e-6) - rho_of(1.0, 1e-6)
    foreseen = preview(b.plan(epsilon=1.8), b.store).refused
    assert foreseen is not None
    assert foreseen.rule == "budget"
    with pytest.raises(RefusedError, match=r"epsilon 1\.68 left of 2"):
        release(b.plan(epsilon=1.8), b.store, b.folder / "out")


def test_a_release_says_what_was_spent_in_all_stores_of_the_pool(make: Make) -> None:
    a, b = fill(make("a")), fill(make("b"))
    release(a.plan(), a.store, a.folder / "out")
    release(b.plan(), b.store, b.folder / "out")
    privacy = manifest(b.folder / "out")["privacy"]
    assert Fraction(privacy["window_spent"]["rho"]) == 2 * rho_of(1.0, 1e-6)
    assert Fraction(privacy["lifetime"]["rho"]) == 2 * rho_of(1.0, 1e-6)
    assert any(note.startswith("Stores share this ledger") for note in manifest(b.folder / "out")["notes"])
    for site in (a, b):
        assert all(check.passed for check in verify(site.folder / "out", site.store))
    assert "one other store of this ledger took feeds" in b.run("budget").out


def test_stores_of_one_ledger_that_share_no_feed_share_no_budget(make: Make) -> None:
    a, b = fill(make("a")), fill(make("b"), ROWS[:2])
    release(a.plan(), a.store, a.folder / "out")
    assert budget(b.store).windows == []
    assert budget(b.store).sharing == 0


def test_a_charge_is_refused_for_the_sake_of_another_stores_budget(make: Make) -> None:
    """Who promised less is kept to by all that hold the same pings; the refusal says whose window it is."""
    a, b = fill(make("a")), fill(make("b", "--budget", 0.5, 1e-6))
    with pytest.raises(RefusedError, match=f"of store {Store(b.store).facts.id}, which shares feeds") as refused:
        release(a.plan(), a.store, a.folder / "out")
    assert refused.value.rule == "budget"
    assert a.spent() == "0"


def test_a_feed_that_would_overspend_is_refused_and_leaves_nothing(make: Make) -> None:
    """It is as if it had not been offered: no pings, and no pool."""
    a, b = fill(make("a")), make("b", "--budget", 0.5, 1e-6)
    release(a.plan(), a.store, a.folder / "out")
    before = feeds(b)
    b.run("intake", b.csv(ROWS), "--supplier", "acme").refuses(3, "'budget'", FIRST, "new store")
    assert Store(b.store).intakes() == {}
    assert feeds(b) == before
    assert not list((b.store / "open").rglob("*.*"))
    acts = [json.loads(entry) for (entry,) in b.sql("SELECT entry FROM log_entries")]
    assert (acts[-1]["act"], acts[-1]["outcome"], acts[-1]["rule"]) == ("intake", "refused", "budget")


def test_the_ledger_knows_a_feed_before_its_pings_count(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted between the two, too much is counted, and the same command goes on."""
    a = make("a")
    told = Taking._tell_ledger

    def interrupted(self: Taking, digest: str) -> None:
        told(self, digest)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Taking, "_tell_ledger", interrupted)
        with pytest.raises(KeyboardInterrupt):
            intake([a.csv(ROWS)], a.store, "acme")
    assert Store(a.store).intakes() == {}
    assert len(feeds(a)) == 1
    fill(a)
    assert len(Store(a.store).intakes()) == len(feeds(a)) == 1


def test_what_is_taken_back_for_a_bad_file_the_ledger_forgets(make: Make) -> None:
    a = fill(make("a"))
    before = feeds(a)
    good, bad = a.csv([ROWS[0].replace("2024-03-05", "2024-03-12")], "good.csv"), a.folder / "worse.csv"
    bad.write_text("no,such,columns\n1,2,3\n", encoding="utf-8")
    assert a.run("intake", good, bad, "--supplier", "acme").code == 4
    assert len(Store(a.store).intakes()) == 1
    assert feeds(a) == before


def test_another_ledger_is_refused_and_forgetting_goes_on(make: Make, tmp_path: Path) -> None:
    """With another ledger it would have a whole budget again; that is no reason to keep who withdrew."""
    a = fill(make("a"))
    release(a.plan(), a.store, a.folder / "out")
    policy = a.store / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    for other in ("own", f"sqlite:///{tmp_path}/a/other.sqlite"):
        policy.write_text(text.replace(f"sqlite:///{tmp_path}/ledger.sqlite", other), encoding="utf-8")
        if other != "own":
            make("other", ledger=other)
        a.run("release", a.plan(epsilon=0.1), "--out", a.folder / "again").refuses(3, "'ledger'", "policy.toml")
        a.run("budget").refuses(3, "'ledger'")
    ids = a.folder / "ids.txt"
    ids.write_text("a\n", encoding="utf-8")
    assert a.run("withdraw", ids).code == 0
    policy.write_text(text, encoding="utf-8")
    assert budget(a.store).windows[0].spent.rho == rho_of(1.0, 1e-6)


def test_an_account_is_what_store_and_policy_say(make: Make) -> None:
    store = Store(make("a", "--budget", 3, 1e-7, "--timezone", "Asia/Tokyo").store)
    account = account_of(store)
    assert (account.store, account.budget) == (store.facts.id, rho_of(3.0, 1e-7))
    assert account.calendar == store.calendar
    assert ledger_of(store).left(FIRST) == account.budget
