"""Visitors: a device counts once in a cell and period, however often it was there."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.catalogue.vectors import vectors_contribution
from hereabouts.catalogue.visitors import slots_of, visitor_vectors
from hereabouts.hexagons import centres_of, parents_of
from hereabouts.windows import Window

if TYPE_CHECKING:
    from tests.catalogue.conftest import Chain, Recipe

WEEK = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 20), "UTC")
AUTUMN = Window(dt.date(2023, 10, 23), dt.date(2023, 10, 30), "Europe/Vienna")  # one hour comes twice
DAY = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 14), "UTC")
LEVELS = [(resolution, period) for resolution in (4, 5, 6, 7) for period in ("P1D", "P7D")]
NONE: NDArray[np.int64] = np.empty(0, dtype=np.int64)

recipes = st.tuples(
    st.sampled_from(("sparse", "resident", "still", "restless", "tourist", "border", "edges")),
    st.integers(0, 2**32 - 1),
)


def counts(
    chain: Chain, rows: list[DeviceRows], window: Window, levels: list[tuple[int, str]]
) -> dict[tuple[int, str], NDArray[np.int64]]:
    """Exact visitors, as no release could have them."""
    domains = {resolution: chain.domain(resolution) for resolution, _ in levels}
    found = {}
    for level, vectors in visitor_vectors(rows, chain.leaves, domains, levels, window).items():
        size = domains[level[0]].size * slots_of(level[1], window)[1]
        found[level] = vectors_contribution(vectors, size, 10**6).sums.reshape(domains[level[0]].size, -1) // 256
    return found


@given(town=st.lists(recipes, min_size=1, max_size=4), window=st.sampled_from([WEEK, AUTUMN]))
@settings(max_examples=40, deadline=None)
def test_they_are_the_distinct_devices_of_presence(chain: Chain, town: list[Recipe], window: Window) -> None:
    """Against sets, and the order between parts and wholes: what estimates are made to keep to."""
    rows = chain.device_rows(list(enumerate(town)), window)
    found = counts(chain, rows, window, LEVELS)
    for (resolution, period), values in found.items():
        slot_of_hour, slots = slots_of(period, window)
        domain = chain.domain(resolution)
        there: dict[tuple[int, int], set[tuple[int, int]]] = {}
        for bucket, each in enumerate(rows):
            inside = np.isin(parents_of(each.cells, 7), chain.leaves)
            position = np.searchsorted(domain, parents_of(each.cells, resolution))
            for device, cell, hour in zip(*(column.tolist() for column in each.presence), strict=True):
                if inside[cell]:
                    key = int(position[cell]), int(slot_of_hour[hour])
                    there.setdefault(key, set()).add((bucket, device))
        expected = np.zeros((domain.size, slots), dtype=np.int64)
        for key, devices in there.items():
            expected[key] = len(devices)
        assert np.array_equal(values, expected)
    for resolution in (4, 5, 6, 7):
        days, whole = found[resolution, "P1D"], found[resolution, "P7D"][:, 0]
        assert (days.max(axis=1) <= whole).all()
        assert (whole <= days.sum(axis=1)).all()


@given(recipe=recipes)
@settings(max_examples=30, deadline=None)
def test_a_vector_has_no_more_entries_than_the_window_has_hours(chain: Chain, recipe: Recipe) -> None:
    """So a squared bound of the hours scales nobody, and a larger one only adds noise."""
    domains = {resolution: chain.domain(resolution) for resolution in (4, 5, 6, 7)}
    found = visitor_vectors(chain.device_rows([(0, recipe)]), chain.leaves, domains, LEVELS, WEEK)
    for vectors in found.values():
        assert all((each.squared_norm <= WEEK.hours).all() for each in vectors)


def test_who_is_somewhere_else_every_hour_has_as_many_entries_as_hours(chain: Chain) -> None:
    hours = np.arange(WEEK.hours)
    cells = chain.cells.cells_of(*centres_of(chain.leaves).T)
    presence = Presence(np.zeros_like(hours), hours % cells.size, hours)
    rows = DeviceRows(1, cells, presence, Stays(*[NONE] * 3), Trips(*[NONE] * 6))
    (vectors,) = visitor_vectors([rows], chain.leaves, {7: chain.leaves}, [(7, "P1D")], WEEK)[7, "P1D"]
    assert vectors.squared_norm.tolist() == [WEEK.hours]


def test_a_window_of_one_day_has_one_period(chain: Chain) -> None:
    """P1D is the window's duration: one slot, not a day among days."""
    assert slots_of("P1D", DAY)[1] == 1
    found = counts(chain, chain.device_rows([(0, ("still", 1))], DAY), DAY, [(7, "P1D")])
    assert found[7, "P1D"].sum() == 1


@pytest.mark.parametrize("hour", [-1, 168, 2**40])
def test_a_row_outside_its_window_stops_the_measurement(chain: Chain, hour: int) -> None:
    cells = chain.cells.cells_of(*centres_of(chain.leaves[:1]).T)
    one = np.zeros(1, dtype=np.int64)
    presence = Presence(one, one, np.array([hour], dtype=np.int64))
    rows = DeviceRows(1, cells, presence, Stays(*[NONE] * 3), Trips(*[NONE] * 6))
    with pytest.raises(ValueError, match="outside its window"):
        visitor_vectors([rows], chain.leaves, {7: chain.leaves}, [(7, "P7D")], WEEK)
