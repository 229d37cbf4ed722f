"""Flows by day and hour of the day, where protected areas say how finely time may be told."""

from __future__ import annotations

import datetime as dt

import h3.api.numpy_int as h3
import numpy as np
import pytest

from hereabouts.estimate.measurements import FlowSlots, Measurements
from hereabouts.hexagons import parents_of
from hereabouts.release.coarsen import coarsened
from hereabouts.release.protected import DAY, HOUR, WINDOW, Guarded, Protection
from hereabouts.release.region import Region
from hereabouts.rules.protected import ProtectedArea
from hereabouts.windows import Window

WEEK = Window(dt.date(2024, 3, 4), dt.date(2024, 3, 11), "Europe/Paris")
SIX = np.uint64(h3.latlng_to_cell(48.85, 2.35, 6))
LEAVES = np.unique(np.concatenate([h3.cell_to_children(cell, 7) for cell in h3.grid_disk(SIX, 1)]).astype(np.uint64))
DOMAINS = {r: np.unique(parents_of(LEAVES, r)) for r in range(8)}


def left_of(resolution: int, period: str, slots: int, span: int) -> tuple[FlowSlots, set[tuple[bool, bool]]]:
    """What estimates see of flows by slot, and which flows: whether each end is under the protected cell."""
    pairs = np.arange(DOMAINS[resolution].size ** 2)
    level = FlowSlots(resolution, period, pairs, np.ones((pairs.size, slots), dtype=np.int64), 1.0, 256)
    area = ProtectedArea(name="quiet", cells=(format(int(SIX), "x"),), finest_resolution=6, finest_period="P7D")
    protection = Protection(Region(LEAVES), 0, (Guarded(area, span, np.array([SIX])),))
    (found,) = coarsened(Measurements((), flow_slots=(level,)), DOMAINS, WEEK, protection).flow_slots
    under = parents_of(DOMAINS[resolution], min(resolution, 6)) == (SIX if resolution >= 6 else 0)
    origin, destination = np.divmod(found.pairs, DOMAINS[resolution].size)
    return found, set(zip(under[origin].tolist(), under[destination].tolist(), strict=True))


@pytest.mark.parametrize(
    ("period", "slots", "span", "kept"),
    [
        ("P1D", 7, HOUR, True),
        ("P1D", 7, DAY, True),
        ("P1D", 7, WINDOW, False),
        ("hour-of-day", 24, HOUR, True),
        ("hour-of-day", 24, DAY, False),
        ("hour-of-day", 24, WINDOW, False),
    ],
)
def test_a_flow_from_or_to_a_parent_is_told_apart_only_as_finely_as_it_may(
    period: str, slots: int, span: int, kept: bool
) -> None:
    """An hour of the day is as fine as an hour."""
    found, ends = left_of(6, period, slots, span)
    assert ((True, True) in ends) == ((True, False) in ends) == ((False, True) in ends) == kept
    assert (False, False) in ends
    assert found.noisy.shape == (found.pairs.size, slots)


@pytest.mark.parametrize("span", [HOUR, WINDOW])
def test_below_a_parent_no_flow_is_told_apart(span: int) -> None:
    assert left_of(7, "P1D", 7, span)[1] == {(False, False)}
