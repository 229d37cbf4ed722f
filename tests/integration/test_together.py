"""Two commands at once on one store: each waits for its turn, and both succeed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.store.files import exclusive

if TYPE_CHECKING:
    from tests.conftest import Copy, Site
    from tests.integration.conftest import Forks

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"


def test_commands_wait_while_another_holds_the_store(
    empty_site: Site, sealed_site: Site, feed: Path, copy: Copy, forks: Forks
) -> None:
    site = copy(empty_site)
    for key in sealed_site.keys.iterdir():
        (site.keys / key.name).write_bytes(key.read_bytes())
    files = sorted(feed.iterdir())
    with exclusive(site.store / "lock"):
        held = site.state()
        order = ("--supplier", "acme", "--store", site.store)
        pids = [forks.start("intake", *part, *order) for part in (files[:5], files[5:])]
        time.sleep(1)
        assert site.state() == held, "neither has begun"
    ended = [forks.wait(pid) for pid in pids]
    assert [one.code for one in ended] == [0, 0], ended
    site.ok("seal")
    for window in (FIRST, SECOND):
        assert site.tables(window) == sealed_site.tables(window)


def test_two_intakes_of_one_feed_take_it_once(empty_site: Site, feed: Path, copy: Copy, forks: Forks) -> None:
    site = copy(empty_site)
    pids = [forks.start("intake", feed, "--supplier", "acme", "--store", site.store) for _ in range(2)]
    ended = [forks.wait(pid) for pid in pids]
    assert [one.code for one in ended] == [0, 0], ended
    assert sorted("was taken in before" in one.out for one in ended) == [False, True]
    assert len(site.sql("SELECT * FROM intakes")) == len(list(feed.iterdir()))


def test_two_releases_of_one_plan_pay_once_and_publish_the_same(sealed_site: Site, copy: Copy, forks: Forks) -> None:
    site = copy(sealed_site)
    plan = site.plan()
    pids = [forks.start("release", plan, "--out", site.folder / out, "--store", site.store) for out in ("a", "b")]
    ended = [forks.wait(pid) for pid in pids]
    assert [one.code for one in ended] == [0, 0], ended
    assert sorted("nothing was spent" in one.out for one in ended) == [False, True]
    assert (site.folder / "a" / "presence.parquet").read_bytes() == (
        site.folder / "b" / "presence.parquet"
    ).read_bytes()
    assert site.ok("budget")["windows"][0]["spent"]["epsilon"] == pytest.approx(1.0)


def test_two_plans_at_a_budget_for_one(sealed_site: Site, copy: Copy, forks: Forks) -> None:
    site = copy(sealed_site)
    plans = [site.plan(f"{number}.toml", epsilon=1.5 + number / 100) for number in range(2)]
    pids = [forks.start("release", plan, "--out", site.folder / plan.stem, "--store", site.store) for plan in plans]
    assert sorted(forks.wait(pid).code for pid in pids) == [0, 3]


def test_an_intake_and_a_release(sealed_site: Site, copy: Copy, forks: Forks) -> None:
    site = copy(sealed_site)
    new = site.csv(["a,2024-03-19T12:00:00Z,52.3,-1.1,true"])
    pids = [
        forks.start("release", site.plan(), "--out", site.folder / "out", "--store", site.store),
        forks.start("intake", new, "--supplier", "acme", "--store", site.store),
    ]
    assert [forks.wait(pid).code for pid in pids] == [0, 0]
    assert [window["window"] for window in site.ok("seal")] == ["2024-03-18/2024-03-25"]
