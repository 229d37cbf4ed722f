"""Drawn points, and who has them: equal to what is found by sets, and to scikit-mobility's way of asking."""

from __future__ import annotations

import importlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.movement.kernel import UInt64s
from hereabouts.risk.audit.points import MOST, NONE, Grain, crowds, draw
from hereabouts.risk.traces import Traces

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf

Point = tuple[int, int]
"""A cell at the grain, and the number of a stretch of time."""


def points_by_device(traces: Traces, resolution: int, seconds: int) -> list[list[Point]]:
    """Every point of every device, again and again where it comes again."""
    place, cells = traces.at(resolution)
    where = cells[place[traces.cell]].tolist()
    when = (traces.time // seconds).tolist()
    rows = list(zip(where, when, strict=True))
    return [rows[traces.starts[d] : traces.starts[d + 1]] for d in range(traces.devices)]


def decoded(traces: Traces, resolution: int, drawn: UInt64s) -> list[list[Point]]:
    """Drawn points without their codes."""
    _, cells = traces.at(resolution)
    return [[(int(cells[(code >> 32) - 1]), code & 0xFFFFFFFF) for code in row if code] for row in drawn.tolist()]


def by_sets(devices: list[list[Point]], known: list[Point]) -> int:
    """How many devices have all known points."""
    return sum(set(known) <= set(trace) for trace in devices)


def by_scikit_mobility(devices: list[list[Point]], known: list[Point]) -> float:
    """Probability of re-identification, as scikit-mobility 1.3 asks (privacy.attacks, LocationTimeAttack).

    A trace matches an instance if it has each place and time of it at least as often; the probability is one over how
    many match.
    """

    def match(trace: list[Point], instance: list[Point]) -> int:
        locations, wanted = Counter(trace), Counter(instance)
        joined = [(locations[point], count) for point, count in wanted.items() if point in locations]
        return int(sum(has >= count for has, count in joined) == len(wanted))

    return 1.0 / sum(match(trace, known) for trace in devices)


GRAINS = [(10, 60), (8, 600), (7, 3600), (6, 14_400), (5, 86_400)]


@pytest.mark.parametrize(("resolution", "seconds"), GRAINS)
def test_figures_equal_those_of_sets_and_of_scikit_mobility(traces_of: TracesOf, resolution: int, seconds: int) -> None:
    town = traces_of(importlib.import_module("tests.risk.conftest").wandering(120, 40, 8))
    grain = Grain.of(town, resolution, seconds)
    everybody = np.arange(town.devices, dtype=np.int32)
    drawn = draw(grain, everybody, np.random.default_rng(3).random((town.devices, MOST)))
    found = crowds(grain, drawn, np.ones(town.devices, np.bool_))
    devices = points_by_device(town, resolution, seconds)
    for device, known in enumerate(decoded(town, resolution, drawn)):
        assert len(known) == len(set(known)) == min(MOST, len(set(devices[device])))
        assert set(known) <= set(devices[device])
        for p in range(1, MOST + 1):
            if p > len(known):
                assert found[device, p - 1] == NONE
                continue
            assert found[device, p - 1] == min(by_sets(devices, known[:p]), 2)
            assert (found[device, p - 1] == 1) == (by_scikit_mobility(devices, known[:p]) == 1.0)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=80
    ),
    inside=st.lists(st.booleans(), min_size=7, max_size=7),
    seed=st.integers(0, 99),
)
def test_those_who_are_looked_at_may_be_others_than_those_whose_points_they_are(
    rows: list[tuple[int, int, int, int]], inside: list[bool], seed: int
) -> None:
    """As for controls: some points are had by nobody who is looked at."""
    traces_of = importlib.import_module("tests.risk.conftest")._traces_of
    traces = traces_of([(d, 10**9 + 3600 * t, 52 + 0.1 * y, -1 + 0.1 * x) for d, t, y, x in rows])
    grain = Grain.of(traces, 7, 3600)
    drawn = draw(
        grain, np.arange(traces.devices, dtype=np.int32), np.random.default_rng(seed).random((traces.devices, MOST))
    )
    among = np.array(inside[: traces.devices])
    found = crowds(grain, drawn, among)
    devices = [trace for trace, there in zip(points_by_device(traces, 7, 3600), among, strict=True) if there]
    for device, known in enumerate(decoded(traces, 7, drawn)):
        expected = [min(by_sets(devices, known[:p]), 2) for p in range(1, len(known) + 1)]
        assert found[device].tolist() == expected + [NONE] * (MOST - len(known))


def test_points_are_drawn_with_equal_chance(traces_of: TracesOf) -> None:
    """One cell holds most pings of an hour, and is drawn no oftener for it."""
    rows = [(0, 1_709_510_400 + second, 52.0, -1.0) for second in range(900)]
    rows += [(0, 1_709_510_400 + 3600 * hour, 52.0 + 0.1 * hour, -1.0) for hour in range(1, 5)]
    traces = traces_of(rows)
    grain = Grain.of(traces, 8, 3600)
    draws = 5_000
    chance = np.random.default_rng(5).random((draws, MOST))
    drawn = draw(grain, np.zeros(draws, np.int32), chance)
    assert (np.sort(drawn, axis=1)[:, -5:] == np.sort(drawn[0])[-5:]).all(), "all five points, and no others"
    for p in range(5):
        _, counts = np.unique(drawn[:, p], return_counts=True)
        assert counts.min() > draws / 5 - 6 * (draws * 0.16) ** 0.5
        assert counts.max() < draws / 5 + 6 * (draws * 0.16) ** 0.5
