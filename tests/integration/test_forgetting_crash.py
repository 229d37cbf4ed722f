"""Killed anywhere in forgetting, a store goes on to forget: the same rows are gone, and are counted once.

Each test compares with a store that nobody interrupted. Both have the same keys, the suppression key too.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from hereabouts.acts.retain import retain
from hereabouts.acts.withdraw import withdraw
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.store.keys import PINGS
from hereabouts.store.open_window import Pings, filter_window
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site
    from tests.integration.conftest import Forks

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
Point = tuple[str, str, int]

WITHDRAWALS = "hereabouts.store.withdrawals:"
BEGIN: list[Point] = [
    ("hereabouts.store.keys:Keys.get_or_make", "after", 1),
    (f"{WITHDRAWALS}durable_write", "after", 1),
    (f"{WITHDRAWALS}durable_write", "after", 3),
    ("sqlalchemy.engine.default:DefaultDialect.do_commit", "before", 1),
]
"""Points at which a withdrawal does not hold yet: nothing of it may be left."""
REMOVE: list[Point] = [
    (f"{WITHDRAWALS}WithdrawalRegister.begin", "after", 1),
    ("hereabouts.store.purges:begin", "after", 1),
    ("hereabouts.engines.purge:prove_removed", "before", 1),
    ("hereabouts.store.purges:finish", "before", 1),
    ("hereabouts.store.purges:finish", "after", 1),
    ("hereabouts.engines.purge:prove_removed", "after", 2),
    ("hereabouts.store.purges:finish", "after", 2),
    (f"{WITHDRAWALS}WithdrawalRegister.finish", "before", 1),
    (f"{WITHDRAWALS}WithdrawalRegister._forget", "before", 1),
    ("hereabouts.store.keys:Keys.destroy", "after", 1),
]
"""Points from which on it holds: whatever command comes next finishes it."""
SEALED: list[Point] = [
    ("hereabouts.store.blobs:sync_file", "before", 4),
    ("hereabouts.store.blobs:sync_folder", "before", 2),
    ("hereabouts.store.blobs:sync_folder", "after", 5),
]
OPEN: list[Point] = [
    ("hereabouts.store.blobs:sync_file", "before", 3),
    ("hereabouts.store.blobs:sync_folder", "before", 2),
    ("hereabouts.engines.purge:filter_window", "after", 1),
]
PURGE: list[Point] = [
    ("hereabouts.store.purges:begin", "before", 1),
    ("hereabouts.store.purges:begin", "after", 2),
    ("hereabouts.store.purges:finish", "before", 1),
    ("hereabouts.store.purges:finish", "after", 1),
    ("hereabouts.store.purges:finish", "after", 2),
]
RETAIN: list[Point] = [
    ("hereabouts.store.store:Store.mark_sealed", "after", 1),
    ("hereabouts.store.retention:RetentionRegister.register", "before", 1),
    ("hereabouts.store.retention:RetentionRegister.register", "after", 1),
    ("hereabouts.store.keys:Keys.destroy", "after", 3),
    ("hereabouts.store.retention:sync_folder", "before", 1),
]


def name_of(point: Any) -> str:
    where, when, nth = point
    return f"{when} {where.rpartition(':')[2]}" + (f" {nth}" if nth > 1 else "")


def waiting(site: Site, window: str) -> list[tuple[Any, ...]]:
    """The pings of an open window, in order: encrypted anew each time they are written, no file is like another."""
    found: list[tuple[Any, ...]] = []

    def look(pings: Pings) -> NDArray[np.bool_]:
        found.extend(zip(*(c.tolist() for c in (pings.pseudonym, pings.time, pings.latitude)), strict=True))
        return np.ones(len(pings), np.bool_)

    store, folder = Store(site.store), window.replace("/", "_")
    if (store.open_folder / folder).exists():
        filter_window(store.open_folder, folder, store.keys.get(folder, PINGS), look)
    return sorted(found)


def what_is_kept(site: Site) -> dict[str, Any]:
    """All that a store and its keys hold, but for clocks and chance."""
    files = {name: digest for name, digest in site.state().items() if name != "state.sqlite"}
    receipts = [json.loads(text) for (text,) in site.sql("SELECT receipt FROM withdrawals ORDER BY version")]
    for receipt in receipts:
        receipt.pop("last_import")
    return {
        "files": {name for name in files if not name.startswith("measurements/")},
        "tokens": {name: digest for name, digest in files.items() if name.endswith(".tokens")},
        "keys": {path.name for path in site.keys.iterdir()},
        "open": {window: waiting(site, window) for window in (FIRST, SECOND)},
        "sealed": {
            window: site.tables(window)
            for window in (FIRST, SECOND)
            if (site.store / "sealed" / window.replace("/", "_")).exists()
        },
        "windows": site.sql(
            "SELECT name, status, length(data_version), counts, places_version, withdrawals_version, before "
            "FROM windows ORDER BY start"
        ),
        "withdrawals": site.sql("SELECT version, source, finished > 0 FROM withdrawals ORDER BY version"),
        "receipts": receipts,
    }


@pytest.fixture(scope="module")
def ids(feed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ids") / "ids.txt"
    names = sorted(set(pq.read_table(feed / "part-0000.parquet")["device_id"].to_pylist()))
    path.write_text("\n".join(names[::6]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bases(taken_site: Site, sealed_site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Site]:
    """An open and a sealed store that have a suppression key already, so that all copies make the same tokens."""
    made = {}
    for name, site in (("open", taken_site), ("sealed", sealed_site)):
        made[name] = site.copy(tmp_path_factory.mktemp(name) / "site")
        (made[name].keys / "suppression.key").write_bytes(bytes(range(32)))
    return made


@pytest.fixture(scope="module")
def withdrawn(bases: dict[str, Site], ids: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What is kept when nobody interrupts a withdrawal."""
    found = {}
    for name, base in bases.items():
        site = base.copy(tmp_path_factory.mktemp("withdrawn") / "site")
        withdraw(site.store, ids)
        found[name] = what_is_kept(site)
    return found


def finished(site: Site, forks: Forks, *order: object) -> None:
    ended = forks.run(*order, "--store", site.store)
    assert ended.code == 0, ended


def refused(site: Site) -> tuple[object, ...]:
    """A command that does nothing but for what comes before everything: its plan costs too much."""
    return ("release", site.plan(epsilon=3.0), "--out", site.folder / "out", "--store", site.store)


@pytest.mark.parametrize("state", ["open", "sealed"])
@pytest.mark.parametrize("point", BEGIN, ids=name_of)
def test_a_withdrawal_that_does_not_hold_yet_leaves_nothing(
    state: str, point: Point, bases: dict[str, Site], ids: Path, withdrawn: dict[str, Any], copy: Copy, forks: Forks
) -> None:
    site = copy(bases[state])
    before = what_is_kept(site)
    forks.killed_at(*point, "withdraw", ids, "--store", site.store)
    with Store(site.store).locked():
        pass
    left = what_is_kept(site)
    left["files"].discard("withdrawn")
    assert left == before
    finished(site, forks, "withdraw", ids)
    assert what_is_kept(site) == withdrawn[state]


@pytest.mark.parametrize(
    ("state", "point"),
    [
        *(("open", point) for point in (*REMOVE, *OPEN)),
        *(("sealed", point) for point in (*REMOVE, *SEALED)),
    ],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_a_withdrawal_that_holds_is_finished_by_the_next_command(
    state: str, point: Point, bases: dict[str, Site], ids: Path, withdrawn: dict[str, Any], copy: Copy, forks: Forks
) -> None:
    """Without the ids, which are nowhere; and its receipt counts every row once."""
    site = copy(bases[state])
    forks.killed_at(*point, "withdraw", ids, "--store", site.store)
    assert forks.run(*refused(site)).code == 3
    assert what_is_kept(site) == withdrawn[state]


def listed(site: Site, feed: Path) -> Site:
    """Register a list of places at which made-up devices were, and purge nothing yet."""
    table = pq.read_table(feed / "part-0000.parquet")
    rows = [f"medical,{table['latitude'][row]},{table['longitude'][row]},40,60" for row in (0, 200)]
    path = site.folder / "list.csv"
    path.write_text("\n".join(["category,latitude,longitude,radius,margin", *rows]) + "\n", encoding="utf-8")
    store = Store(site.store)
    with store.locked():
        store.place_register.add(PlaceList.load(path), dt.date(2026, 1, 1))
    return site


@pytest.fixture(scope="module")
def purged(
    bases: dict[str, Site], feed: Path, tmp_path_factory: pytest.TempPathFactory, forks: Forks
) -> dict[str, dict[str, Any]]:
    """What is kept when nobody interrupts a purge."""
    found = {}
    for name, base in bases.items():
        site = listed(base.copy(tmp_path_factory.mktemp("purged") / "site"), feed)
        forks.run(*refused(site))
        found[name] = what_is_kept(site)
        assert found[name]["windows"] != what_is_kept(base)["windows"]
    return found


@pytest.mark.parametrize(
    ("state", "point"),
    [*(("open", point) for point in (*PURGE, *OPEN)), *(("sealed", point) for point in (*PURGE, *SEALED))],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_a_purge_by_places(
    state: str, point: Point, bases: dict[str, Site], feed: Path, purged: dict[str, Any], copy: Copy, forks: Forks
) -> None:
    """SL-PURGE: the list is in force from its row on, and no command goes before it is applied."""
    site = listed(copy(bases[state]), feed)
    forks.killed_at(*point, *refused(site))
    assert forks.run(*refused(site)).code == 3
    assert what_is_kept(site) == purged[state]


def scheduled(site: Site) -> Site:
    """A schedule by which everything of the made-up windows is to go."""
    policy = site.store / "policy.toml"
    policy.write_text(policy.read_text().replace("sealed_days = 0", "sealed_days = 400"))
    return site


@pytest.fixture(scope="module")
def retained(bases: dict[str, Site], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    site = scheduled(bases["open"].copy(tmp_path_factory.mktemp("retained") / "site"))
    retain(site.store)
    found = what_is_kept(site)
    assert (found["keys"], found["sealed"]) == ({"log.key", "suppression.key"}, {})
    return found


@pytest.mark.parametrize("point", RETAIN, ids=name_of)
def test_retain(point: Point, bases: dict[str, Site], retained: dict[str, Any], copy: Copy, forks: Forks) -> None:
    site = scheduled(copy(bases["open"]))
    forks.killed_at(*point, "retain", "--store", site.store)
    if RETAIN.index(point) >= 2:  # it was decided: any command does it
        with Store(site.store).locked():
            pass
        assert what_is_kept(site) == retained
    finished(site, forks, "retain")
    assert what_is_kept(site) == retained


@pytest.fixture(scope="module")
def pace(
    bases: dict[str, Site], feed: Path, ids: Path, tmp_path_factory: pytest.TempPathFactory, forks: Forks
) -> dict[str, float]:
    """Seconds that each command takes when nobody kills it."""
    folder = tmp_path_factory.mktemp("pace")
    seconds = {}
    for state, base in bases.items():
        site = base.copy(folder / f"{state} withdraw")
        seconds[f"{state} withdraw"] = forks.run("withdraw", ids, "--store", site.store).seconds
        site = listed(base.copy(folder / f"{state} purge"), feed)
        seconds[f"{state} purge"] = forks.run(*refused(site)).seconds
    site = scheduled(bases["open"].copy(folder / "retain"))
    return seconds | {"retain": forks.run("retain", "--store", site.store).seconds}


def killed_at_shares(
    shares: Sequence[float],
    bases: dict[str, Site],
    feed: Path,
    ids: Path,
    expected: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    copy: Copy,
    forks: Forks,
    pace: dict[str, float],
) -> None:
    """Kill each command when a share of its time is over, finish it, and see that nothing shows."""
    withdrawn, purged, retained = expected
    one, two, three, four, five = shares
    for share, state in ((one, "open"), (two, "sealed")):
        site = copy(bases[state])
        forks.run("withdraw", ids, "--store", site.store, kill_after=share * pace[f"{state} withdraw"])
        forks.run(*refused(site))
        if not site.sql("SELECT version FROM withdrawals"):
            finished(site, forks, "withdraw", ids)
        assert what_is_kept(site) == withdrawn[state]
    for share, state in ((three, "open"), (four, "sealed")):
        site = listed(copy(bases[state]), feed)
        forks.run(*refused(site), kill_after=share * pace[f"{state} purge"])
        forks.run(*refused(site))
        assert what_is_kept(site) == purged[state]
    site = scheduled(copy(bases["open"]))
    forks.run("retain", "--store", site.store, kill_after=five * pace["retain"])
    finished(site, forks, "retain")
    assert what_is_kept(site) == retained


@pytest.mark.parametrize("number", range(2))
def test_ten_kills_at_any_moment(
    number: int,
    bases: dict[str, Site],
    feed: Path,
    ids: Path,
    withdrawn: dict[str, Any],
    purged: dict[str, Any],
    retained: dict[str, Any],
    copy: Copy,
    forks: Forks,
    pace: dict[str, float],
) -> None:
    shares = np.random.default_rng(number).random(5).tolist()
    killed_at_shares(shares, bases, feed, ids, (withdrawn, purged, retained), copy, forks, pace)


@pytest.mark.prove
@pytest.mark.parametrize("number", range(40))
def test_two_hundred_kills_at_any_moment(
    number: int,
    bases: dict[str, Site],
    feed: Path,
    ids: Path,
    withdrawn: dict[str, Any],
    purged: dict[str, Any],
    retained: dict[str, Any],
    copy: Copy,
    forks: Forks,
    pace: dict[str, float],
) -> None:
    shares = (0.02 + 0.98 * np.random.default_rng([7, number]).random(5)).tolist()
    killed_at_shares(shares, bases, feed, ids, (withdrawn, purged, retained), copy, forks, pace)
