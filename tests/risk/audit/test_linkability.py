"""Devices of habit are found again under a new pseudonym; devices without are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.risk.audit.hours import hours_seen, parts_of_week
from hereabouts.risk.audit.linkability import LINKING, _halves, linkability
from hereabouts.risk.figures import FEW_HITS, FEW_OTHERS, TOO_FEW, share
from hereabouts.risk.traces import Traces

if TYPE_CHECKING:
    from tests.risk.conftest import Row, TracesOf

MONDAY = 1_709_510_400


def of_habit(devices: int, days: int = 8) -> list[Row]:
    """Every device in a cell of its own at noon, every day."""
    return [(d, MONDAY + 86_400 * day + 43_200, 52.0 + 0.05 * d, -1.0) for d in range(devices) for day in range(days)]


def test_devices_of_habit_are_found_again(traces_of: TracesOf) -> None:
    found = linkability(traces_of(of_habit(60)), 1, lambda _: None)
    assert (found.withheld, found.n) == (FEW_OTHERS, 60)
    assert found.control is not None
    assert found.control.value == pytest.approx(1 / 60)


def test_devices_that_are_all_alike_are_not(traces_of: TracesOf) -> None:
    """An equally good other one makes a match wrong."""
    rows = [(d, time, 52.0, longitude) for d, time, _, longitude in of_habit(60)]
    assert linkability(traces_of(rows), 1, lambda _: None).withheld == FEW_HITS


def test_devices_that_change_their_habits_are_not(traces_of: TracesOf) -> None:
    rows = [(d, time, latitude + 0.05 * (time > MONDAY + 4 * 86_400), -1.0) for d, time, latitude, _ in of_habit(60)]
    assert linkability(traces_of(rows), 1, lambda _: None).withheld == FEW_HITS


def test_a_data_set_of_one_moment_cannot_be_cut_in_two(traces_of: TracesOf) -> None:
    found = linkability(traces_of([(d, MONDAY, 52.0, -1.0) for d in range(40)]), 1, lambda _: None)
    assert found.withheld == TOO_FEW


def test_it_equals_cosines_of_dense_vectors(town: Traces) -> None:
    begins, middle, ends = _halves(town)
    dense = []
    for part in ((begins, middle), (middle, ends)):
        seen = hours_seen(town, 8, parts_of_week(), *part)
        counts = np.zeros((town.devices, seen.features))
        counts[np.repeat(np.arange(town.devices), np.diff(seen.starts)), seen.feature] = seen.hours
        dense.append(counts)
    having = (dense[0] > 0).sum(axis=0)
    rarity = np.log((1 + (dense[0] > 0).any(axis=1).sum()) / (1 + having))
    weighted = [np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * rarity for counts in dense]
    length = np.linalg.norm(weighted[0], axis=1)
    likeness = weighted[1] @ (weighted[0] / np.where(length == 0, 1, length)[:, None]).T
    both = np.flatnonzero((middle > begins) & (ends > middle))
    others = likeness.copy()
    others[np.arange(town.devices), np.arange(town.devices)] = -1.0
    own = np.diag(likeness)
    right = (own > 0) & (own > others.max(axis=1) + 1e-12)
    found = linkability(town, 1, lambda _: None)
    assert replace(found, control=None) == share(found.name, int(right[both].sum()), len(both), LINKING)
    assert 0.05 < right[both].mean() < 0.95
