"""Presence, held against a reference that walks through the window second by second."""

from __future__ import annotations

import time as clock
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.movement.presence import Presence, presence

START = 1_700_000_000
Ping = tuple[int, int, int]
"""Device, seconds since the window's start, cell."""


def run(pings: list[Ping], length: int) -> list[Ping]:
    columns = zip(*pings, strict=True) if pings else ([], [], [])
    device, since, cell = (list(column) for column in columns)
    found = presence(device, [START + s for s in since], cell, START, START + length)
    assert [column.dtype for column in found] == [np.int32, np.int32, np.uint64]
    return list(zip(*(column.tolist() for column in found), strict=True))


def reference(pings: list[Ping], length: int) -> list[Ping]:
    rows = []
    for device in sorted({ping[0] for ping in pings}):
        own = [ping for ping in pings if ping[0] == device]
        held: dict[int, Counter[int]] = {}
        for second in range(length):
            past = [ping for ping in own if ping[1] <= second]
            if past and second - past[-1][1] < 1800:
                held.setdefault(second // 3600, Counter())[past[-1][2]] += 1
        for hour, seconds in sorted(held.items()):
            most = max(seconds.values())
            rows.append((device, hour, min(cell for cell, s in seconds.items() if s == most)))
    return rows


lengths = st.sampled_from([1800, 3600, 7200, 9000, 9001])
# Few cells and round times make ties of time and of held seconds likely.
times = st.one_of(st.integers(0, 8999), st.integers(0, 17).map(lambda n: n * 500))
a_few_pings = st.lists(st.tuples(st.integers(0, 2), times, st.sampled_from([7, 8, 2**63 + 5])), max_size=12)


@settings(deadline=None, max_examples=150)
@given(pings=a_few_pings, length=lengths)
def test_equals_the_reference(pings: list[Ping], length: int) -> None:
    # Sorted by time alone: which of two pings at one time is last is for the caller to say.
    own = sorted((ping for ping in pings if ping[1] < length), key=lambda ping: ping[:2])
    assert run(own, length) == reference(own, length)


def test_one_ping_holds_for_half_an_hour() -> None:
    assert run([(0, 0, 9)], 7200) == [(0, 0, 9)]
    assert run([(0, 1800, 9)], 7200) == [(0, 0, 9)]


def test_held_time_is_split_between_two_hours() -> None:
    assert run([(0, 1801, 9)], 7200) == [(0, 0, 9), (0, 1, 9)]


def test_a_ping_in_the_last_second_counts() -> None:
    assert run([(0, 7199, 9)], 7200) == [(0, 1, 9)]


def test_holding_ends_with_the_window() -> None:
    assert run([(0, 3000, 9)], 3600) == [(0, 0, 9)]
    assert run([(0, 3599, 9)], 3600) == [(0, 0, 9)]


def test_a_window_need_not_end_with_an_hour() -> None:
    assert run([(0, 3000, 9)], 4000) == [(0, 0, 9), (0, 1, 9)]
    assert run([(0, 3000, 9)], 3601) == [(0, 0, 9), (0, 1, 9)]


def test_of_equal_times_the_last_holds() -> None:
    assert run([(0, 60, 9), (0, 60, 4), (0, 60, 7)], 3600) == [(0, 0, 7)]


def test_most_held_seconds_win_and_ties_go_to_the_smaller_index() -> None:
    assert run([(0, 0, 9), (0, 1000, 4), (0, 2001, 9), (0, 2002, 5)], 3600) == [(0, 0, 5)]
    assert run([(0, 0, 9), (0, 1000, 4), (0, 2000, 7), (0, 3000, 7)], 3600) == [(0, 0, 7)]
    assert run([(0, 0, 9), (0, 900, 4), (0, 1800, 9), (0, 2700, 4)], 3600) == [(0, 0, 4)]


def test_seconds_of_a_cell_are_added_up_over_its_visits() -> None:
    assert run([(0, 0, 9), (0, 500, 1), (0, 1100, 9), (0, 1600, 2), (0, 2200, 1)], 2300) == [(0, 0, 9)]


def test_devices_do_not_share_an_hour() -> None:
    assert run([(0, 100, 9), (1, 50, 4), (3, 3599, 4)], 7200) == [(0, 0, 9), (1, 0, 4), (3, 0, 4), (3, 1, 4)]


def test_no_pings_no_presence() -> None:
    assert run([], 3600) == []


def test_a_device_that_never_moves_is_there_every_hour() -> None:
    assert run([(0, s, 5) for s in range(0, 24 * 3600, 1500)], 24 * 3600) == [(0, h, 5) for h in range(24)]


def test_a_ping_a_second_in_a_new_cell_each_time_stays_linear() -> None:
    seconds = 7 * 24 * 3600
    cell = np.random.default_rng(2).permutation(seconds).astype(np.uint64) + np.uint64(1)
    device, time = np.zeros(seconds, np.int32), START + np.arange(seconds)
    presence(device[:1], time[:1], cell[:1], START, START + seconds)
    began = clock.perf_counter()
    found = presence(device, time, cell, START, START + seconds)
    assert clock.perf_counter() - began < 2
    # Every cell is held for one second, so the smallest index has the hour.
    assert found.cell.tolist() == cell.reshape(-1, 3600).min(axis=1).tolist()


@pytest.mark.parametrize(
    ("device", "time"),
    [([0, 0], [START + 9, START + 3]), ([1, 0], [START, START]), ([0], [START - 1])],
    ids=["times descend", "devices descend", "before the window"],
)
def test_pings_out_of_order_are_refused(device: list[int], time: list[int]) -> None:
    with pytest.raises(ValueError, match="ordered by"):
        presence(device, time, [1] * len(device), START, START + 3600)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        presence([0, 0], [START], [1, 1], START, START + 3600)


def test_read_only_columns_are_taken_as_they_are() -> None:
    time = np.array([START])
    time.flags.writeable = False
    assert isinstance(presence(np.zeros(1, np.int32), time, np.ones(1, np.uint64), START, START + 9), Presence)
