"""Whether the cells of night and day are unique, and whether the one gives the other away."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hereabouts.risk.audit.night_and_day import GUESSING, UNIQUE_CELLS, guessing, tops, unique_tops
from hereabouts.risk.figures import FEW_HITS, FEW_OTHERS, share
from hereabouts.risk.traces import Traces

if TYPE_CHECKING:
    from tests.risk.conftest import Row, TracesOf

MIDNIGHT, NOON = 1_709_510_400, 1_709_510_400 + 43_200


def paired(pairs: list[tuple[int, int]]) -> list[Row]:
    """Each device a night in one place and a day in another, by the places' numbers."""
    rows: list[Row] = []
    for device, (night, day) in enumerate(pairs):
        rows += [(device, MIDNIGHT, 52.0 + 0.3 * night, -1.0), (device, NOON, 52.0 + 0.3 * day, -1.0)]
    return rows


def test_a_pair_is_unique_where_nobody_else_has_it(traces_of: TracesOf) -> None:
    pairs = [(0, 0)] * 20 + [(k, k + 1) for k in range(60)]
    for figure in unique_tops(traces_of(paired(pairs))):
        assert (figure.value, figure.n) == (0.75, 80)


def test_who_was_not_seen_by_night_and_by_day_is_not_counted(traces_of: TracesOf) -> None:
    rows = paired([(0, 0)] * 45) + [(100 + d, NOON, 52.0, -1.0) for d in range(30)]
    assert {figure.n for figure in unique_tops(traces_of(rows))} == {40}


def test_nothing_is_told_of_fewer_than_twenty(traces_of: TracesOf) -> None:
    rows = paired([(k, k) for k in range(19)]) + [(100 + d, NOON, 52.0, -1.0) for d in range(30)]
    traces = traces_of(rows)
    assert all(figure.value is None for figure in unique_tops(traces))
    assert guessing(traces, np.ones(traces.devices, np.bool_)).value is None


def test_uniqueness_equals_counting_by_hand(town: Traces) -> None:
    figures = {figure.name: figure for figure in unique_tops(town)}
    for resolution in (9, 7, 5):
        found = tops(town, resolution)
        one = Counter(zip(found.night[:, 0].tolist(), found.day[:, 0].tolist(), strict=True))
        two = Counter(
            (frozenset(night), frozenset(day))
            for night, day in zip(found.night.tolist(), found.day.tolist(), strict=True)
        )
        n = len(found.device)
        names = ("most visited night cell and day cell unique", "two most visited night cells and day cells unique")
        for name, counts in zip(names, (one, two), strict=True):
            alone = sum(count for count in counts.values() if count == 1)
            label = f"{name}, H3 {resolution}"
            assert figures[label] == share(label, alone, n, UNIQUE_CELLS)


def test_what_holds_for_everybody_is_no_risk_of_being_in_the_data(traces_of: TracesOf) -> None:
    """Who sleeps in the village works in the town: the control knows it as well."""
    traces = traces_of(paired([(0, 1)] * 100))
    found = guessing(traces, np.arange(100) < 50)
    assert found.control is not None
    assert (found.withheld, found.control.withheld) == (FEW_OTHERS, FEW_OTHERS)


def test_a_night_cell_of_ones_own_gives_the_day_away_to_who_has_the_data(traces_of: TracesOf) -> None:
    rng = np.random.default_rng(2)
    traces = traces_of(paired([(k, int(rng.integers(100))) for k in range(100)]))
    found = guessing(traces, np.arange(100) < 50)
    assert found.control is not None
    assert (found.withheld, found.control.withheld) == (FEW_OTHERS, FEW_HITS)


def test_guesses_equal_those_by_hand(town: Traces) -> None:
    attacked = np.random.default_rng(4).random(town.devices) < 0.5
    found = tops(town, 8)
    by_both: dict[object, Counter[int]] = defaultdict(Counter)
    by_first: dict[object, Counter[int]] = defaultdict(Counter)
    for device, night, day in zip(found.device, found.night.tolist(), found.day[:, 0].tolist(), strict=True):
        if attacked[device]:
            by_both[tuple(night)][day] += 1
            by_first[night[0]][day] += 1

    def mode(counts: Counter[int]) -> int:
        return min(counts, key=lambda day: (-counts[day], day), default=-1)

    right: dict[bool, list[bool]] = {True: [], False: []}
    for device, night, day in zip(found.device, found.night.tolist(), found.day[:, 0].tolist(), strict=True):
        guess = mode(by_both[tuple(night)])
        right[bool(attacked[device])].append((mode(by_first[night[0]]) if guess < 0 else guess) == day)
    figure = guessing(town, attacked)
    assert figure.control is not None
    for one, hits in ((replace(figure, control=None), right[True]), (figure.control, right[False])):
        assert one == share(one.name, sum(hits), len(hits), GUESSING)
