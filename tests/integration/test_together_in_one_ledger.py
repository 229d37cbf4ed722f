"""Many plans at once: as many are measured as the budget is for, whoever asks, of one store or of several.

Each plan is of another region: a process of its own, started with all others, that runs the whole command.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from hereabouts.privacy.accounting import epsilon_of, rho_of

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site
    from tests.integration.conftest import Ended, Forks

FIRST = "2024-03-04/2024-03-11"
PLANS, PAID = 64, 10
EPSILON, DELTA = 0.5, 1e-6
PRICE = rho_of(EPSILON, DELTA)
BUDGET = epsilon_of(PAID * PRICE + PRICE / 2, DELTA)
"""For ten plans, and not for eleven."""
PATIENCE = 500.0
"""Seconds: how long 64 commands take says how busy the machine is."""


def plan(site: Site, number: int) -> Path:
    """A plan of a region of its own."""
    path = site.plan(f"plan{number}.toml", epsilon=EPSILON, statistics=["presence"])
    west = f"{-1.6 + number / 100:.2f}"
    path.write_text(path.read_text(encoding="utf-8").replace("-1.6", west), encoding="utf-8")
    return path


def all_at_once(forks: Forks, sites: list[Site]) -> list[Ended]:
    started = []
    for number in range(PLANS):
        site = sites[number % len(sites)]
        out = site.folder / f"out{number}"
        started.append(forks.start("release", plan(site, number), "--out", out, "--store", site.store))
    return [forks.wait(pid, PATIENCE) for pid in started]


def check(sites: list[Site], ended: list[Ended]) -> None:
    assert sorted(each.code for each in ended) == [0] * PAID + [3] * (PLANS - PAID)
    assert all("'budget'" in each.err for each in ended if each.code)
    released = 0
    for site in sites:
        assert Fraction(site.spent()) == PAID * PRICE
        (window,) = site.ok("budget")["windows"]
        assert 0 < Fraction(window["left"]["rho"]) < PRICE
        outs = sorted(site.folder.glob("out*"))
        released += len(outs)
        for out in outs:
            assert site.ok("verify", out)["sound"]
        assert len(list((site.store / "measurements").iterdir())) == len(outs)
        logged = site.sql("SELECT count(*) FROM log_entries WHERE subject LIKE 'release:%'")
        assert logged == [(len(outs),)]
        assert not list(site.folder.rglob("*.part"))
    assert released == PAID


def test_sixty_four_plans_of_one_store(sealed_site: Site, copy: Copy, forks: Forks) -> None:
    site = copy(sealed_site)
    policy = site.store / "policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("epsilon = 2.0", f"epsilon = {BUDGET!r}"))
    check([site], all_at_once(forks, [site]))


def test_sixty_four_plans_of_four_stores_that_share_a_ledger(
    database: str, taken_site: Site, feed: Path, command: Command, forks: Forks, tmp_path: Path
) -> None:
    """Nothing but the ledger holds them apart: each store has a lock of its own."""
    sites = []
    for number in range(4):
        folder = tmp_path / f"site{number}"
        folder.mkdir()
        site = type(taken_site)(folder)
        assert command("init", site.store, "--ledger", database, "--budget", repr(BUDGET), DELTA).code == 0
        site.evidence.write_text("yes", encoding="utf-8")
        site.admit("acme")
        site.ok("intake", min(feed.iterdir()), "--supplier", "acme")
        site.ok("seal")
        sites.append(site)
    check(sites, all_at_once(forks, sites))
