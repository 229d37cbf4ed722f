"""A day begins and ends at home, and nobody jumps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.synthetic import TownConfig, draws
from hereabouts.synthetic.days import (
    ARRIVE,
    DAWN,
    DAY,
    LEAVE,
    MAX_STOPS,
    STOP_COLUMNS,
    X,
    Y,
    locate,
    plan_day,
)
from hereabouts.synthetic.people import settle
from hereabouts.synthetic.town import build_town

CONFIG = TownConfig(devices=400, days=1, seed=3)


@pytest.fixture(scope="module")
def people() -> NDArray[Any]:
    return settle(CONFIG, build_town(CONFIG), 0, CONFIG.devices)


def planned(people: NDArray[Any], person: int, weekday: int) -> NDArray[np.float64]:
    stops = np.empty((MAX_STOPS, STOP_COLUMNS))
    stream = np.empty(1, np.uint64)
    draws.open_stream(stream, np.uint64(1), draws.PURPOSE_PLAN, person, weekday)
    return stops[: plan_day(people[person], weekday, stops, stream)]


@pytest.mark.parametrize("weekday", range(7))
def test_a_day_begins_and_ends_at_home_in_order(people: NDArray[Any], weekday: int) -> None:
    late = 0
    for person in range(len(people)):
        stops = planned(people, person, weekday)
        np.testing.assert_array_equal(stops[[0, -1], X], people[person]["home"][0])
        np.testing.assert_array_equal(stops[[0, -1], Y], people[person]["home"][1])
        times = stops[:, [ARRIVE, LEAVE]].ravel()
        assert np.all(np.diff(times[1:]) > 0)
        late += len(stops) > 1 and stops[-1, ARRIVE] > DAWN + DAY
    assert late == 0


def test_nobody_jumps_and_ways_take_time(people: NDArray[Any]) -> None:
    step = 20.0
    clock = np.arange(DAWN, DAWN + DAY, step)
    for person in range(0, len(people), 20):
        stops = planned(people, person, 1)
        path = np.array([locate(stops, len(stops), time) for time in clock])
        assert np.hypot(*np.diff(path, axis=0).T).max() / step < 50.0  # metres a second


def test_weekdays_are_for_work_and_weekends_are_not(people: NDArray[Any]) -> None:
    def at_work(weekday: int) -> float:
        found = [locate(stops := planned(people, person, weekday), len(stops), 11 * 3600) for person in range(400)]
        return float((np.hypot(*(np.array(found) - people["office"]).T) < 1).mean())

    assert at_work(2) > 0.5
    assert at_work(6) < 0.15


def test_some_are_out_in_the_evening_more_on_saturdays(people: NDArray[Any]) -> None:
    def away(weekday: int) -> float:
        found = [locate(stops := planned(people, p, weekday), len(stops), 21.5 * 3600) for p in range(400)]
        return float((np.hypot(*(np.array(found) - people["home"]).T) > 1).mean())

    assert 0.05 < away(1) < away(5) < 0.6
