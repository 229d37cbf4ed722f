"""Traces hold devices by number, in order of time, each point once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.hexagons import parents_of
from hereabouts.movement.cells import cells_of
from hereabouts.risk.traces import Gathering

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf

PLACES = cells_of([52.0, 52.01, 52.2, -33.0], [-1.0, -1.01, 0.4, 151.0], 10)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 9), st.integers(10**9, 10**9 + 9), st.integers(0, 3)), max_size=30),
        min_size=1,
        max_size=4,
    )
)
def test_they_hold_each_point_of_each_device_once_however_it_came(batches: list[list[tuple[int, int, int]]]) -> None:
    gathering = Gathering()
    numbers: dict[int, int] = {}
    for batch in batches:
        keys = np.array([row[0] for row in batch], np.uint64)
        given_numbers = gathering.add(
            keys, np.array([row[1] for row in batch], np.int64), PLACES[[row[2] for row in batch]]
        )
        for key, number in zip(keys.tolist(), given_numbers.tolist(), strict=True):
            assert numbers.setdefault(key, number) == number
    traces = gathering.traces()
    expected: dict[int, set[tuple[int, int]]] = {}
    for key, time, place in (row for batch in batches for row in batch):
        expected.setdefault(numbers[key], set()).add((time, int(PLACES[place])))
    assert traces.devices == len(numbers) == len(expected)
    for device, points in expected.items():
        own = slice(traces.starts[device], traces.starts[device + 1])
        assert traces.time[own].tolist() == sorted(traces.time[own].tolist())
        got = list(zip(traces.time[own].tolist(), traces.cells[traces.cell[own]].tolist(), strict=True))
        assert set(got) == points
        assert len(got) == len(points)


def test_many_devices_and_cells_keep_their_numbers() -> None:
    gathering, keys = Gathering(), np.arange(1, 50_001, dtype=np.uint64)
    rng = np.random.default_rng(1)
    cells = cells_of(rng.uniform(40, 60, 50_000), rng.uniform(0, 20, 50_000), 10)
    for _ in range(2):
        numbers = gathering.add(keys, np.full(50_000, 10**9), cells)
        assert numbers.tolist() == list(range(50_000))
    traces = gathering.traces()
    assert (traces.devices, len(traces.points)) == (50_000, 50_000)
    assert (traces.cells[traces.cell] == cells).all()


def test_coarser_places_are_ancestors_by_index(traces_of: TracesOf) -> None:
    traces = traces_of([(0, 10**9, 52.0, -1.0), (0, 10**9 + 1, 52.001, -1.0), (1, 10**9, 52.2, 0.4)])
    place, cells = traces.at(6)
    assert (cells[place] == parents_of(traces.cells, 6)).all()


@pytest.mark.parametrize(("longitude", "hours"), [(-1.0, 0), (116.4, 8), (-74.0, -5), (151.0, 10), (179.9, 12)])
def test_the_sun_says_what_time_it_is(traces_of: TracesOf, longitude: float, hours: int) -> None:
    assert traces_of([(0, 10**9, 40.0, longitude)]).by_the_sun().tolist() == [3600 * hours]


def test_an_empty_data_set_has_no_devices() -> None:
    traces = Gathering().traces()
    assert (traces.devices, traces.days, traces.amount) == (0, 0, 0)


def test_days_are_those_on_which_twenty_were_there_already_and_twenty_still_are(traces_of: TracesOf) -> None:
    """Nineteen with old pings, and new ones, make it no longer."""
    day = 86_400
    rows = [(d, 10**9 + day * k, 52.0, -1.0) for d in range(50) for k in range(3)]
    for odd in (0, 1, 19):
        more = [(d, 10**9 + day * k, 52.0, -1.0) for d in range(odd) for k in (-40, 70)]
        assert traces_of(rows + more).days == 3
    assert traces_of([(d, 10**9 + day * k, 52.0, -1.0) for d in range(20) for k in (-40, 2)]).days == 43


def test_how_many_points_there_are_does_not_turn_on_a_device_with_very_many(traces_of: TracesOf) -> None:
    rows = [(d, 10**9 + k, 52.0, -1.0) for d in range(50) for k in range(30)]
    loud = [(0, 10**9 + k, 52.0, -1.0) for k in range(5_000)]
    assert traces_of(rows).amount == traces_of(rows + loud).amount == 1_500
