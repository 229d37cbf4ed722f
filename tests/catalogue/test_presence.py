"""Presence: one device moves the sums by no more than the proof note says, and some devices by just as much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.catalogue.presence import presence_contributions
from hereabouts.hexagons import centres_of, parents_of
from hereabouts.movement.batch import Movement, SortedPings
from hereabouts.privacy.measure import Contribution
from hereabouts.windows import Window

if TYPE_CHECKING:
    from tests.catalogue.conftest import Chain, Recipe

Change = Callable[[Contribution, Contribution], int]

HOSTILE = ("still", "restless", "commuter", "tourist", "border", "chatty", "burst", "edges")
WEEK = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 20), "UTC")
SPRING = Window(dt.date(2023, 3, 20), dt.date(2023, 3, 27), "Europe/Vienna")  # loses an hour
AUTUMN = Window(dt.date(2023, 10, 23), dt.date(2023, 10, 30), "Europe/Vienna")  # one hour comes twice
DAY = Window(dt.date(2023, 4, 2), dt.date(2023, 4, 3), "Australia/Lord_Howe")  # is 24 hours and a half long

recipes = st.tuples(st.sampled_from(("sparse", "resident", *HOSTILE)), st.integers(0, 2**32 - 1))
towns = st.lists(recipes, min_size=1, max_size=5)
windows = st.sampled_from((WEEK, WEEK, SPRING, AUTUMN, DAY))


def rows_by_device(pings: SortedPings, movement: Movement) -> dict[tuple[int, ...], list[tuple[str, ...]]]:
    """All that was found of each pseudonym: presence, stays and trips."""
    names = [tuple(name) for name in pings.devices.tolist()]
    found: dict[tuple[int, ...], list[tuple[str, ...]]] = {name: [] for name in names}
    for kind, table in zip(movement._fields, movement, strict=True):
        device, *columns = (column.tolist() for column in table)
        for code, *row in zip(device, *columns, strict=True):
            found[names[code]].append((kind, *map(str, row)))
    return found


def store_cell_in(chain: Chain, leaf: int) -> NDArray[np.uint64]:
    """The store's cell in the middle of one of the region's cells, shape (1,)."""
    return chain.cells.cells_of(*centres_of(chain.leaves[leaf : leaf + 1]).T)


@given(town=towns, window=windows, data=st.data())
@settings(max_examples=120, deadline=None)
def test_a_whole_device_moves_presence_by_at_most_the_hours(
    chain: Chain, squared_change: Change, town: list[Recipe], window: Window, data: st.DataObject
) -> None:
    devices = list(enumerate(town))
    gone = data.draw(st.sampled_from(devices), label="the device that is taken out")
    resolutions = data.draw(st.sampled_from([(7,), (5, 6, 7), (4, 7), (5, 6)]), label="resolutions")
    with_it = chain.presence(devices, resolutions, window)
    without = chain.presence([device for device in devices if device is not gone], resolutions, window)
    assert set(with_it) == set(resolutions)
    for resolution in resolutions:
        assert with_it[resolution].squared_sensitivity == window.hours
        assert squared_change(with_it[resolution], without[resolution]) <= window.hours


@given(town=towns, data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_rows_of_the_other_devices_do_not_move(chain: Chain, town: list[Recipe], data: st.DataObject) -> None:
    devices = list(enumerate(town))
    gone = data.draw(st.sampled_from(devices), label="the device that is taken out")
    whole = chain.pings(devices)
    rest = chain.pings([device for device in devices if device is not gone])
    found = rows_by_device(whole, chain.movement(whole))
    left = rows_by_device(rest, chain.movement(rest))
    assert len(found) - len(left) in {0, 1}  # a device may have no ping
    assert left == {name: rows for name, rows in found.items() if name in left}


@given(town=towns, added=recipes, window=windows)
@settings(max_examples=60, deadline=None)
def test_what_a_device_adds_does_not_depend_on_the_others(
    chain: Chain, town: list[Recipe], added: Recipe, window: Window
) -> None:
    """The sums are the sum of the devices' own arrays: the step from one device's norm to the sensitivity."""
    devices, newcomer = list(enumerate(town)), (len(town), added)
    alone = chain.presence([newcomer], (6, 7), window)
    before, after = chain.presence(devices, (6, 7), window), chain.presence([*devices, newcomer], (6, 7), window)
    for resolution in (6, 7):
        own = alone[resolution].sums
        assert np.array_equal(after[resolution].sums - before[resolution].sums, own)
        assert set(np.unique(own).tolist()) <= {0, 1}
        assert own.sum(axis=0).max() <= 1, "a device is in one cell an hour"


# --- the test can fail: the bound is reached, and faults that have been made elsewhere break it ----------------------


@pytest.mark.parametrize("window", [WEEK, SPRING, AUTUMN, DAY], ids=lambda window: f"{window.hours} hours")
@pytest.mark.parametrize("kind", ["still", "restless"])
def test_the_bound_is_reached_so_one_hour_less_would_be_wrong(
    chain: Chain, squared_change: Change, kind: str, window: Window
) -> None:
    town: list[tuple[int, Recipe]] = [(0, ("resident", 1)), (1, ("sparse", 2))]
    without, with_it = (chain.presence(devices, (5, 6, 7), window) for devices in (town, [*town, (2, (kind, 3))]))
    for resolution in (5, 6, 7):
        moved = squared_change(with_it[resolution], without[resolution])
        assert moved == with_it[resolution].squared_sensitivity == window.hours
        assert moved > window.hours - 1


def test_if_every_ping_counted_the_bound_would_be_broken(chain: Chain, squared_change: Change) -> None:
    """What tools do that count rows and not device-hours: the same check finds it."""
    domains = {7: chain.domain(7)}
    pings = chain.pings([(0, ("restless", 3))])
    cell = chain.cells.cells_of(pings.latitude, pings.longitude)
    rows = chain.presence_rows(cell, (pings.time - WEEK.start) // 3600)
    faulty = presence_contributions([rows], chain.leaves, domains, WEEK.hours)[7]
    nothing = presence_contributions([], chain.leaves, domains, WEEK.hours)[7]
    assert squared_change(faulty, nothing) > faulty.squared_sensitivity


def test_two_devices_move_it_by_more_than_one_may(chain: Chain, squared_change: Change) -> None:
    """The bound is that of one device: two phones of one person are two (and the docs say so)."""
    both = chain.presence([(0, ("still", 3)), (1, ("still", 3))], (7,))[7]
    assert squared_change(both, chain.presence([], (7,))[7]) == 4 * WEEK.hours


# --- what is counted -------------------------------------------------------------------------------------------------


def test_a_row_counts_once_at_each_resolution_in_its_ancestor(chain: Chain) -> None:
    store_cell = store_cell_in(chain, 5)
    rows = chain.presence_rows(store_cell, np.array([11], dtype=np.int64))
    domains = {resolution: chain.domain(resolution) for resolution in (5, 6, 7)}
    for resolution, found in presence_contributions([rows, rows], chain.leaves, domains, 24).items():
        expected = np.zeros((domains[resolution].size, 24), dtype=np.int64)
        expected[np.searchsorted(domains[resolution], parents_of(store_cell, resolution)[0]), 11] = 2
        assert np.array_equal(found.sums, expected)


def test_cells_outside_the_region_count_nowhere(chain: Chain) -> None:
    sydney = chain.cells.cells_of(np.array([-33.9]), np.array([151.2]))
    domains = {resolution: chain.domain(resolution) for resolution in (5, 7)}
    rows = chain.presence_rows(sydney, np.array([0], dtype=np.int64))
    for found in presence_contributions([rows], chain.leaves, domains, 24).values():
        assert not found.sums.any()


@pytest.mark.parametrize("hour", [-1, 24, 2**40])
def test_a_row_outside_its_window_stops_the_measurement(chain: Chain, hour: int) -> None:
    """Else it would be written into other memory: only files that are not the store's own hold one."""
    rows = chain.presence_rows(store_cell_in(chain, 5), np.array([hour], dtype=np.int64))
    with pytest.raises(ValueError, match="outside its window"):
        presence_contributions([rows], chain.leaves, {7: chain.domain(7)}, 24)


def test_no_rows_at_all_are_zeros_with_the_same_shape_and_bound(chain: Chain) -> None:
    """Neither the shape nor the bound may tell whether anybody was there."""
    empty, full = chain.presence([], (6, 7)), chain.presence([(0, ("still", 1))], (6, 7))
    for resolution in (6, 7):
        assert empty[resolution].sums.shape == full[resolution].sums.shape
        assert empty[resolution].squared_sensitivity == full[resolution].squared_sensitivity
