"""Hours seen in cells: distinct hours, by part of the week, by the sun."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.risk.audit.hours import DAY, NIGHT, hours_seen, night_and_day, parts_of_week, top_two
from hereabouts.risk.traces import Traces

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf

MONDAY = 1_709_510_400


@pytest.mark.parametrize("resolution", [5, 8, 10])
def test_they_are_counted_once_an_hour(town: Traces, resolution: int) -> None:
    classes = parts_of_week()
    seen = hours_seen(town, resolution, classes)
    place, _ = town.at(resolution)
    sun = town.by_the_sun()
    for device in range(town.devices):
        own = slice(town.starts[device], town.starts[device + 1])
        hours = {
            (int(place[cell]), (int(time) + int(sun[cell])) // 3600)
            for time, cell in zip(town.time[own], town.cell[own], strict=True)
        }
        expected = Counter(cell * 6 + int(classes[(hour + 72) % 168]) for cell, hour in hours)
        rows = slice(seen.starts[device], seen.starts[device + 1])
        assert dict(zip(seen.feature[rows].tolist(), seen.hours[rows].tolist(), strict=True)) == expected


def test_night_is_from_21_to_6_and_day_from_9_to_17_on_every_day() -> None:
    classes = night_and_day().reshape(7, 24)
    assert (classes == classes[0]).all()
    assert np.flatnonzero(classes[0] == NIGHT).tolist() == [0, 1, 2, 3, 4, 5, 21, 22, 23]
    assert np.flatnonzero(classes[0] == DAY).tolist() == list(range(9, 17))


def test_weeks_begin_on_monday(traces_of: TracesOf) -> None:
    friday, saturday = MONDAY + 4 * 86_400 + 12 * 3600, MONDAY + 5 * 86_400 + 12 * 3600
    seen = hours_seen(traces_of([(0, friday, 52.0, -1.0), (0, saturday, 52.0, -1.0)]), 8, parts_of_week())
    assert sorted(seen.feature.tolist()) == [1, 4]


def test_the_most_visited_cells_come_first_and_ties_go_to_the_smaller_number(traces_of: TracesOf) -> None:
    rows = [(0, MONDAY + 3600 * hour, 52.0 + 0.1 * (hour % 4), -1.0) for hour in (0, 4, 24, 1, 25, 2, 27, 3)]
    rows += [(1, MONDAY + 3600 * 12, 52.0, -1.0)]
    traces = traces_of(rows)
    seen = hours_seen(traces, 7, night_and_day())
    place, _ = traces.at(7)
    north = [int(place[cell]) for cell in traces.cell[:4].tolist()]
    assert top_two(seen, NIGHT).tolist() == [[north[0], min(north[1], north[3])], [-1, -1]]
    assert top_two(seen, DAY)[1].tolist() == [north[0], -1]


def test_a_part_of_each_trace_can_be_looked_at(town: Traces) -> None:
    begins, ends = town.starts[:-1], town.starts[1:]
    middle = (begins + ends) // 2
    halves = [hours_seen(town, 8, parts_of_week(), *part) for part in ((begins, middle), (middle, ends))]
    whole = hours_seen(town, 8, parts_of_week())
    assert sum(int(half.hours.sum()) for half in halves) >= int(whole.hours.sum())
    assert [int(half.starts[-1]) <= int(whole.starts[-1]) for half in halves] == [True, True]
