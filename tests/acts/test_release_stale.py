"""After a change of the data a plan gives what it gave, and says so; newer figures are a new charge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from hereabouts.acts import budget, paid, release, verify
from hereabouts.acts.accounts import plan_key
from hereabouts.acts.withdraw import withdraw
from hereabouts.errors import MachineError, RefusedError
from hereabouts.release.manifest import STALE
from hereabouts.release.plan import load_plan
from hereabouts.release.region import region_of
from hereabouts.store.store import Store
from hereabouts.windows import Calendar

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
WINDOW = Calendar.of("UTC", "P7D", None).named(FIRST)


@pytest.fixture
def site(sealed_site: Site, copy: Copy) -> Site:
    return copy(sealed_site)


def change(site: Site) -> None:
    """Make the data of every window others, by a withdrawal that removes nobody."""
    (site.folder / "ids.txt").write_text("nobody-at-all\n", encoding="utf-8")
    withdraw(site.store, site.folder / "ids.txt")


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    return found


def published(folder: Path) -> list[Any]:
    return [pq.read_table(folder / f"{table}.parquet") for table in ("presence", "flows")]


def key_of(site: Site, **changes: Any) -> str:
    plan = load_plan(site.plan(**changes))
    return plan_key("store-a", plan, WINDOW, region_of(plan.region))


def test_a_plan_is_known_again_by_what_it_measures(site: Site) -> None:
    same = ({"name": "another"}, {"minimum": 0}, {"purpose": "research"})
    others: tuple[dict[str, Any], ...] = ({"epsilon": 0.5}, {"resolutions": [6]}, {"statistics": ["presence"]})
    assert {key_of(site, **changes) for changes in same} == {key_of(site)}
    assert len({key_of(site, **changes) for changes in others} | {key_of(site)}) == 4


def test_the_same_plan_gives_the_old_figures_marked_stale(site: Site) -> None:
    """For nothing, and whatever changed: not even whether figures moved is told."""
    plan = site.plan(minimum=0, max_relative_halfwidth=float("inf"))
    first = release(plan, site.store, site.folder / "first")
    change(site)
    second = release(plan, site.store, site.folder / "second")
    assert (first.stale, second.stale, second.again, second.spent) == (False, True, True, 0.0)
    assert published(site.folder / "second") == published(site.folder / "first")
    assert len(site.sql("SELECT id FROM charges")) == 1
    before, after = manifest(site.folder / "first"), manifest(site.folder / "second")
    assert (before["stale"], after["stale"]) == (False, True)
    assert STALE in after["notes"]
    assert STALE not in before["notes"]
    assert STALE in (site.folder / "second" / "README.md").read_text(encoding="utf-8")
    assert all(check.passed for check in verify(site.folder / "second", site.store))


def test_fresh_figures_are_a_new_charge(site: Site) -> None:
    plan = site.plan()
    release(plan, site.store, site.folder / "first")
    change(site)
    fresh = release(plan, site.store, site.folder / "fresh", fresh=True)
    assert (fresh.stale, fresh.again, fresh.spent) == (False, False, 1.0)
    assert len(site.sql("SELECT id FROM charges WHERE state = 'measured'")) == 2
    assert manifest(site.folder / "fresh")["stale"] is False
    later = release(plan, site.store, site.folder / "later")
    assert (later.stale, later.again) == (False, True), "from now on the new figures are the plan's"
    assert published(site.folder / "later") == published(site.folder / "fresh")


def test_fresh_costs_nothing_where_nothing_changed(site: Site) -> None:
    release(site.plan(), site.store, site.folder / "first")
    again = release(site.plan(), site.store, site.folder / "again", fresh=True)
    assert (again.again, again.stale, again.spent) == (True, False, 0.0)


def test_of_several_old_measurements_the_newest_is_given(site: Site) -> None:
    plan = site.plan(epsilon=0.5)
    for name in ("first", "second"):
        release(plan, site.store, site.folder / name, fresh=True)
        change(site)
    release(plan, site.store, site.folder / "third")
    assert published(site.folder / "third") == published(site.folder / "second")
    assert (
        manifest(site.folder / "third")["measurement"]["key"] == manifest(site.folder / "second")["measurement"]["key"]
    )


def test_fresh_figures_that_cannot_be_paid_are_refused(site: Site) -> None:
    plan = site.plan(epsilon=1.9)
    release(plan, site.store, site.folder / "first")
    change(site)
    with pytest.raises(RefusedError, match="budget"):
        release(plan, site.store, site.folder / "fresh", fresh=True)
    assert release(plan, site.store, site.folder / "old").stale


def test_a_fresh_measurement_that_was_cut_off_is_finished(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is paid for: the same plan goes on with it, with the word or without."""
    plan = site.plan()
    release(plan, site.store, site.folder / "first")
    change(site)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(paid, "durable_write", stop)
    with pytest.raises(KeyboardInterrupt):
        release(plan, site.store, site.folder / "fresh", fresh=True)
    monkeypatch.undo()
    held = site.spent()
    done = release(plan, site.store, site.folder / "fresh")
    assert (done.stale, done.again) == (False, False)
    assert site.spent() == held


def test_what_was_cut_off_before_the_change_is_given_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its data are gone: it cannot be finished, and nothing of its noise was kept."""
    plan = site.plan()

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(paid, "durable_write", stop)
    with pytest.raises(KeyboardInterrupt):
        release(plan, site.store, site.folder / "first")
    monkeypatch.undo()
    change(site)
    done = release(plan, site.store, site.folder / "first")
    assert (done.stale, done.again, done.spent) == (False, False, 1.0)
    assert sorted(state for (state,) in site.sql("SELECT state FROM charges")) == ["measured", "void"]


def test_an_old_measurement_that_was_lost_is_an_error(site: Site) -> None:
    """And no reason to draw another one unasked."""
    release(site.plan(), site.store, site.folder / "first")
    change(site)
    (kept,) = (site.store / "measurements").iterdir()
    kept.unlink()
    with pytest.raises(MachineError, match="was paid for and is missing"):
        release(site.plan(), site.store, site.folder / "second")
    assert not release(site.plan(), site.store, site.folder / "second", fresh=True).stale


def test_budget_and_verify_say_what_is_stale(site: Site) -> None:
    plan, other = site.plan("one.toml", epsilon=0.5), site.plan("two.toml", epsilon=0.6)
    release(plan, site.store, site.folder / "first")
    release(site.plan("b.toml", window=SECOND), site.store, site.folder / "b")
    assert [window.stale for window in budget(site.store).windows] == [0, 0]
    change(site)
    release(other, site.store, site.folder / "other")
    assert [(window.window, window.stale) for window in budget(site.store).windows] == [(FIRST, 1), (SECOND, 1)]
    said = site.run("budget").out.splitlines()
    assert said[1].endswith("left; 1 of its measurements are stale, as its data changed")
    found = {name: verify(site.folder / name, site.store)[-1] for name in ("first", "b", "other")}
    assert all(check.passed for check in found.values())
    assert [check.found.endswith("stale: the data have changed since") for check in found.values()] == [
        True,
        True,
        False,
    ]


def test_a_plan_that_is_refused_leaves_no_trace_of_a_window_that_nobody_was_in(site: Site) -> None:
    before = site.state()
    plan = site.plan(window="2024-02-26/2024-03-04", epsilon=3.0)
    with pytest.raises(RefusedError, match=r"costs epsilon 3 .* has epsilon 2 left of 2"):
        release(plan, site.store, site.folder / "out")
    assert site.state() == before
    assert [known.window.name for known in Store(site.store).windows()] == [FIRST, SECOND]
