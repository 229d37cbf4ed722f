"""Bringing a store up to date: before anything else, every window at once, and free when there is nothing to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hereabouts.acts.purge import Purged, bring_up_to_date
from hereabouts.acts.withdraw import withdraw
from hereabouts.engines import purge as engine
from hereabouts.errors import MachineError
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.store.places import PlaceRegister
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND, BEFORE = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18", "2024-02-26/2024-03-04"
DAY = dt.date(2026, 3, 2)


@pytest.fixture
def places(tmp_path: Path) -> PlaceList:
    path = tmp_path / "list.csv"
    path.write_text("category,latitude,longitude,radius,margin\nmedical,52.3,-1.1,400,100\n", encoding="utf-8")
    return PlaceList.load(path)


def elsewhere(tmp_path: Path) -> PlaceList:
    """A list of which nothing is near anybody."""
    path = tmp_path / "elsewhere.csv"
    path.write_text("category,latitude,longitude,radius,margin\nmedical,-45.0,170.0,40,100\n", encoding="utf-8")
    return PlaceList.load(path)


def versions(store: Store) -> dict[str, str]:
    return {known.window.name: known.data_version for known in store.windows()}


def add(store: Store, places: PlaceList) -> list[Purged]:
    with store.locked():
        store.place_register.add(places, DAY)
        return bring_up_to_date(store)


def test_with_nothing_pending_nothing_is_read(sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    site = copy(sealed_site)
    store = Store(site.store)
    before = site.state()
    monkeypatch.setattr(engine, "held", None)
    monkeypatch.setattr(PlaceRegister, "current", None)
    with store.locked():
        assert bring_up_to_date(store) == []
    assert site.state() == before


@pytest.mark.parametrize("sealed", [True, False])
def test_a_new_list_is_applied_to_every_window(
    sealed: bool, taken_site: Site, sealed_site: Site, places: PlaceList, copy: Copy
) -> None:
    store = Store(copy(sealed_site if sealed else taken_site).store)
    done = add(store, places)
    assert [purged.window for purged in done] == [FIRST, SECOND]
    assert set(done[0].removed) == ({"presence", "stays", "trips"} if sealed else {"pings"})
    assert done[0].removed["presence" if sealed else "pings"] > 0
    assert {known.places_version for known in store.windows()} == {1}
    with store.locked():
        assert bring_up_to_date(store) == [], "once"


def test_all_data_become_others_whether_or_not_anybody_was_there(sealed_site: Site, tmp_path: Path, copy: Copy) -> None:
    """SL-PURGE: a window that nobody was in, and one that holds nothing at the place, are as stale as any other."""
    store = Store(copy(sealed_site).store)
    store.mark_empty(store.calendar.named(BEFORE))
    before = versions(store)
    done = add(store, elsewhere(tmp_path))
    assert {rows for purged in done for rows in purged.removed.values()} == {0}
    after = versions(store)
    assert set(after) == {BEFORE, FIRST, SECOND}
    assert all(after[name] != before[name] for name in before)
    (tmp_path / "ids.txt").write_text("nobody-at-all\n")
    withdraw(store.path, tmp_path / "ids.txt")
    last = versions(store)
    assert all(last[name] != after[name] for name in before)


def test_counts_are_those_of_the_tables(sealed_site: Site, places: PlaceList, copy: Copy) -> None:
    site = copy(sealed_site)
    store = Store(site.store)
    old = {known.window.name: known.counts or {} for known in store.windows()}
    add(store, places)
    for known in store.windows():
        tables = site.tables(known.window.name)
        assert known.counts == {
            "pings": old[known.window.name]["pings"],
            "device_hours": tables["presence"].num_rows,
            "trips": tables["trips"].num_rows,
        }


def test_tables_that_were_lost_are_not_counted_as_purged(sealed_site: Site, places: PlaceList, copy: Copy) -> None:
    """And once they are back, the purge goes on."""
    site = copy(sealed_site)
    store = Store(site.store)
    lost = next((site.store / "sealed" / SECOND.replace("/", "_") / "presence").iterdir())
    lost.rename(site.folder / "lost")
    with pytest.raises(MachineError, match=r"as many rows of presence as are registered: .* restore them"):
        add(store, places)
    assert {known.window.name: known.places_version for known in store.windows()} == {FIRST: 1, SECOND: 0}
    (site.folder / "lost").rename(lost)
    with store.locked():
        assert [purged.window for purged in bring_up_to_date(store)] == [SECOND]


def test_windows_without_tables_are_passed_over(sealed_site: Site, places: PlaceList, copy: Copy) -> None:
    store = Store(copy(sealed_site).store)
    store.retention.register("00", 0, store.calendar.named(FIRST).end, {})
    before = versions(store)
    assert [purged.window for purged in add(store, places)] == [SECOND]
    after = versions(store)
    assert (after[FIRST], after[SECOND] == before[SECOND]) == (before[FIRST], False)
    assert {known.places_version for known in store.windows()} == {1}


@given(points=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=6, unique=True))
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_places_added_one_after_the_other_are_as_all_at_once(
    points: list[tuple[int, int]], sealed_site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is purged is purged for good, so that the order and the number of steps do not matter."""
    folder = tmp_path_factory.mktemp("steps")
    rows = [f"medical,{52.2 + 0.02 * x},{-1.3 + 0.04 * y},150,100" for x, y in points]
    lists = []
    for count in range(1, len(rows) + 1):
        path = folder / f"{count}.csv"
        path.write_text("\n".join(["category,latitude,longitude,radius,margin", *rows[:count]]) + "\n")
        lists.append(PlaceList.load(path))
    sites = [sealed_site.copy(folder / name) for name in ("steps", "once")]
    for listed in lists:
        add(Store(sites[0].store), listed)
    add(Store(sites[1].store), lists[-1])
    for window in (FIRST, SECOND):
        assert sites[0].tables(window) == sites[1].tables(window)
