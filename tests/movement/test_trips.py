"""Trips: to the next stay, if it is soon enough and somewhere else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.movement.stays import Stays
from hereabouts.movement.trips import trips

START = 1_700_000_000
Stay = tuple[int, int, int, int]
"""Device, start, end (seconds since the window's start), cell."""


def run(found: list[Stay]) -> list[tuple[int, int, int, int, int]]:
    table = np.array(found, np.int64).reshape(-1, 4)
    nowhere = np.zeros(len(found))
    given_stays = Stays(table[:, 0].astype(np.int32), START + table[:, 1], START + table[:, 2], nowhere, nowhere)
    made = trips(given_stays, table[:, 3].astype(np.uint64), START)
    assert [column.dtype for column in made] == [np.int32, np.int32, np.uint64, np.uint64, np.int32]
    return list(zip(*(column.tolist() for column in made), strict=True))


def reference(found: list[Stay]) -> list[tuple[int, int, int, int, int]]:
    made = []
    for device in sorted({stay[0] for stay in found}):
        own = [stay for stay in found if stay[0] == device]
        for one, following in pairwise(own):
            travelled = following[1] - one[2]
            if travelled <= 6 * 3600 and one[3] != following[3]:
                made.append((device, one[2] // 3600, one[3], following[3], travelled))
    return made


@given(
    moves=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from([1, 600, 21_600, 21_601]),
            st.integers(1200, 9000),
            st.integers(1, 3),
        ),
        max_size=12,
    )
)
def test_equals_the_reference(moves: list[tuple[int, int, int, int]]) -> None:
    found, now = [], 0
    for device, wait, duration, cell in sorted(moves, key=lambda move: move[0]):
        now += wait
        found.append((device, now, now + duration, cell))
        now += duration
    assert run(found) == reference(found)


def test_a_trip_belongs_to_the_hour_in_which_the_first_stay_ends() -> None:
    assert run([(0, 0, 3599, 5), (0, 7300, 9000, 6)]) == [(0, 0, 5, 6, 3701)]
    assert run([(0, 0, 3600, 5), (0, 7300, 9000, 6)]) == [(0, 1, 5, 6, 3700)]


def test_six_hours_are_soon_enough() -> None:
    assert len(run([(0, 0, 1200, 5), (0, 1200 + 21_600, 30_000, 6)])) == 1
    assert run([(0, 0, 1200, 5), (0, 1201 + 21_600, 30_000, 6)]) == []


def test_no_later_stay_takes_the_place_of_one_in_the_same_cell() -> None:
    assert run([(0, 0, 1200, 5), (0, 1300, 2500, 5), (0, 2600, 4000, 6)]) == [(0, 0, 5, 6, 100)]


def test_no_trip_leads_from_one_device_to_another() -> None:
    assert run([(0, 0, 1200, 5), (1, 1300, 2500, 6)]) == []


@pytest.mark.parametrize("found", [[], [(0, 0, 1200, 5)]])
def test_without_a_second_stay_there_is_no_trip(found: list[Stay]) -> None:
    assert run(found) == []


def test_a_cell_for_every_stay() -> None:
    nothing = np.zeros(2)
    found = Stays(np.zeros(2, np.int32), np.zeros(2, np.int64), np.zeros(2, np.int64), nothing, nothing)
    with pytest.raises(ValueError, match="equally long"):
        trips(found, [1], START)
