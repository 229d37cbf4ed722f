"""Distributions: what each counts, held against counting by hand from the kernels' rows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.catalogue import distributions
from hereabouts.catalogue.distributions import DISTRIBUTIONS, Distribution, histograms, tables_read
from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.hexagons import centres_of, distance, parents_of
from hereabouts.privacy.bins import BINS
from hereabouts.release.plan import BY_CELL, Statistic
from hereabouts.windows import Window

if TYPE_CHECKING:
    from tests.catalogue.conftest import Chain, Recipe

WEEK = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 20), "UTC")
AUTUMN = Window(dt.date(2023, 10, 23), dt.date(2023, 10, 30), "Europe/Vienna")  # one hour comes twice
ALL = list(DISTRIBUTIONS)

recipes = st.tuples(
    st.sampled_from(("sparse", "resident", "still", "restless", "commuter", "tourist", "border", "edges")),
    st.integers(0, 2**32 - 1),
)


def counts(rows: list[DeviceRows], leaves: NDArray[np.uint64], window: Window = WEEK) -> dict[str, list[int]]:
    """Exact histograms, as no release could have them."""
    found = {}
    for each in histograms(rows, leaves, ALL, window):
        sums = np.zeros(each.size, dtype=np.int64) if each.natural is None else each.natural.sums
        for vectors in each.vectors:
            np.add.at(sums, vectors.entry, vectors.count)
        found[each.statistic] = sums.tolist()
    return found


def by_hand(rows: list[DeviceRows], leaves: NDArray[np.uint64], window: Window) -> dict[str, list[int]]:
    """The definitions of the design, row by row."""
    values: dict[str, list[float]] = {name: [] for name in ALL}
    day = window.day_of_hour
    for each in rows:
        inside = np.isin(parents_of(each.cells, 7), leaves)
        centre = centres_of(each.cells)
        cells: dict[tuple[int, int], set[int]] = {}
        places: dict[int, list[int]] = {}
        for device, cell, hour in zip(*(column.tolist() for column in each.presence), strict=True):
            if inside[cell]:
                cells.setdefault((device, int(day[hour])), set()).add(cell)
                places.setdefault(device, []).append(cell)
        trips: Counter[tuple[int, int]] = Counter()
        columns = (column.tolist() for column in each.trips)
        for device, origin, destination, hour, minutes, metres in zip(*columns, strict=True):
            if inside[origin] and inside[destination]:
                values["trip-lengths"].append(metres / 1000)
                values["trip-durations"].append(minutes)
                trips[device, int(day[hour])] += 1
        for _, cell, minutes in zip(*(column.tolist() for column in each.stays), strict=True):
            if inside[cell]:
                values["stay-durations"].append(minutes)
        values["trips-per-device-day"] += [trips[key] for key in cells]
        values["cells-per-device-day"] += [len(held) for held in cells.values()]
        for held in places.values():
            points = centre[held]
            middle = np.tile(points.mean(axis=0), (len(points), 1))  # of degrees: the same in a town, to a metre or so
            values["radius-of-gyration"].append(float(np.sqrt((distance(points, middle) ** 2).mean())) / 1000)
    return {name: np.histogram(values[name], [*BINS[name].edges, np.inf])[0].tolist() for name in ALL}


@given(town=st.lists(recipes, min_size=1, max_size=4), window=st.sampled_from([WEEK, AUTUMN]))
@settings(max_examples=40, deadline=None)
def test_they_are_what_the_design_says(chain: Chain, town: list[Recipe], window: Window) -> None:
    rows = chain.device_rows(list(enumerate(town)), window)
    found, expected = counts(rows, chain.leaves, window), by_hand(rows, chain.leaves, window)
    assert found == expected


def test_every_distribution_that_a_plan_may_name_has_bins_and_a_definition() -> None:
    named = set(Statistic.__args__) - set(BY_CELL)  # type: ignore[attr-defined]
    assert named == DISTRIBUTIONS.keys() == BINS.keys()


def test_only_the_tables_that_are_needed_are_read() -> None:
    assert tables_read(["radius-of-gyration"]) == {"presence"}
    assert tables_read(["stay-durations", "trip-lengths"]) == {"stays", "trips"}
    assert tables_read([]) == frozenset()


# --- rows made by hand -----------------------------------------------------------------------------------------------


def rows_of(
    chain: Chain,
    presence: list[tuple[int, int, int]],
    trips: list[tuple[int, int, int, int]] | None = None,
) -> DeviceRows:
    """Presence as (device, cell, hour) and trips as (device, origin, destination, hour); cell -1 is far away."""
    cells = chain.cells.cells_of(*np.concatenate([centres_of(chain.leaves), [[-33.9, 151.2]]]).T)
    there = np.array(presence, dtype=np.int64).reshape(-1, 3).T
    gone = np.array(trips or [], dtype=np.int64).reshape(-1, 4).T
    length = np.full(gone.shape[1], 20, dtype=np.int64)
    none: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    return DeviceRows(
        9, cells, Presence(there[0], there[1] % cells.size, there[2]), Stays(none, none, none),
        Trips(gone[0], gone[1] % cells.size, gone[2] % cells.size, gone[3], length, 100 * length),
    )  # fmt: skip


def nonzero(values: list[int]) -> dict[int, int]:
    return {place: value for place, value in enumerate(values) if value}


def test_a_day_without_a_trip_is_a_device_day_with_none(chain: Chain) -> None:
    rows = rows_of(chain, [(0, 3, 5), (0, 3, 30), (1, 4, 5)], [(0, 3, 4, 5)])
    assert nonzero(counts([rows], chain.leaves)["trips-per-device-day"]) == {0: 2, 1: 1}


def test_a_trip_on_a_day_without_presence_belongs_to_no_device_day(chain: Chain) -> None:
    rows = rows_of(chain, [(0, 3, 5)], [(0, 3, 4, 30), (1, 3, 4, 5)])
    found = counts([rows], chain.leaves)
    assert nonzero(found["trips-per-device-day"]) == {0: 1}
    assert sum(found["trip-lengths"]) == 2, "but it is a trip"


def test_what_is_outside_of_the_region_counts_nowhere(chain: Chain) -> None:
    rows = rows_of(chain, [(0, -1, 5), (0, -1, 6)], [(0, -1, 4, 5), (1, 4, -1, 5)])
    assert all(not any(values) for values in counts([rows], chain.leaves).values())


def test_who_is_in_the_region_for_a_part_of_the_day_is_in_it_by_that_part(chain: Chain) -> None:
    found = counts([rows_of(chain, [(0, 3, 5), (0, -1, 6), (0, -1, 7)])], chain.leaves)
    assert nonzero(found["cells-per-device-day"]) == {0: 1}
    assert nonzero(found["radius-of-gyration"]) == {0: 1}, "zero is a bin"


def test_a_radius_of_zero_is_told_from_one_hour_elsewhere(chain: Chain) -> None:
    """A week at one place, but for an hour at the next cell of the region."""
    still = [(0, 3, hour) for hour in range(WEEK.hours)]
    moved = [(1, 4 if hour == 50 else 3, hour) for hour in range(WEEK.hours)]
    assert nonzero(counts([rows_of(chain, still + moved)], chain.leaves)["radius-of-gyration"]) == {0: 1, 1: 1}


def test_no_devices_at_all_are_zeros_with_the_same_shape_and_bound(chain: Chain) -> None:
    some, none = (histograms(rows, chain.leaves, ALL, WEEK) for rows in ([rows_of(chain, [(0, 3, 5)])], []))
    for one, other in zip(some, none, strict=True):
        assert (one.statistic, one.size) == (other.statistic, other.size)
        if one.natural is not None and other.natural is not None:
            assert one.natural.squared_sensitivity == other.natural.squared_sensitivity
            assert one.natural.sums.shape == other.natural.sums.shape


def test_a_device_that_counts_more_often_than_it_can_stops_the_measurement(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing checks a proof like a fault in what it is about."""
    real = DISTRIBUTIONS["cells-per-device-day"]
    broken = Distribution(real.tables, real.values, lambda days: days - 1)
    monkeypatch.setitem(distributions.DISTRIBUTIONS, "cells-per-device-day", broken)
    rows = rows_of(chain, [(0, 3, 24 * day) for day in range(7)])
    with pytest.raises(ArithmeticError, match="more often in cells-per-device-day than it can"):
        histograms([rows], chain.leaves, ["cells-per-device-day"], WEEK)
