"""Linkability: whether two periods of a data set can be joined by habit, when every device has a new pseudonym in each.

The data set is cut in two at the time of its middle point. Each device's habit in a half is how many hours it was seen
in each cell and part of the week; cells that few others visit count for more (TF-IDF), and habits are compared by
cosine. A device of the second half is matched to the habit that is most alike in the first one. The match is right if
it is the same device; an equally good other one makes it wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, cast

import numpy as np

from hereabouts.engines.local import in_order
from hereabouts.movement.kernel import Floats, Int32s, Int64s, UInt64s, kernel, read_only
from hereabouts.risk.audit.hours import Hours, hours_seen, parts_of_week
from hereabouts.risk.audit.unicity import Sample
from hereabouts.risk.figures import Figure, Procedure, quantity, rounded, share
from hereabouts.risk.traces import Traces
from hereabouts.rules.fewest import FEWEST

LINKING = Procedure(
    "matching of two halves under fresh pseudonyms, by cosine of TF-IDF over cell and part of the week",
    "De Mulder et al. 2008; weights as in Manning et al. 2008, chapter 6",
)
RESOLUTION = 8
"""H3 resolution of habits: hexagons of about 0.7 km²."""

SAMPLE = 2_000
"""Devices that are looked for; the others are there to be taken for them."""

_AT_ONCE = 50
_FOR_MIDDLE = 1_000_000


def linkability(traces: Traces, seed: int, progress: Callable[[float], None]) -> Figure:
    """Measure how often a device is found again in the other half, at the first guess.

    Its control is how often chance would find it.
    """
    name = "devices found again in the other half at the first guess"
    begins, middle, ends = _halves(traces)
    both = np.flatnonzero((middle > begins) & (ends > middle))
    there = int(np.count_nonzero(middle > begins))
    if len(both) < FEWEST:
        return share(name, 0, len(both), LINKING)
    resolution = min(RESOLUTION, traces.resolution)
    weeks = parts_of_week()
    first = _by_feature(hours_seen(traces, resolution, weeks, begins, middle))
    second = hours_seen(traces, resolution, weeks, middle, ends)
    sample = Sample.of(both, SAMPLE, seed).devices
    right = 0
    parts = [sample[start : start + _AT_ONCE] for start in range(0, len(sample), _AT_ONCE)]
    for done, hits in enumerate(in_order(partial(_found, first, second), parts)):
        right += hits
        progress((done + 1) / len(parts))
    once = 1 / rounded(there)
    chance = quantity("by chance", once, once, once, there, LINKING)
    return share(name, right, len(sample), LINKING, chance)


def _halves(traces: Traces) -> tuple[Int64s, Int64s, Int64s]:
    """Where each device's points begin, cross the time of the middle point (of a million), and end."""
    some = traces.points[:: max(1, len(traces.points) // _FOR_MIDDLE)]
    cut = np.uint64(np.median(some >> np.uint64(32))) << np.uint64(32)
    starts = cast(Int64s, read_only(traces.starts, np.int64))
    return starts[:-1], _crossing(cast(UInt64s, read_only(traces.points, np.uint64)), starts, cut), starts[1:]


@kernel
def _crossing(points: UInt64s, starts: Int64s, cut: np.uint64) -> Int64s:
    """The first of each device's points that is not before a time."""
    found = np.empty(starts.size - 1, np.int64)
    for d in range(found.size):
        found[d] = starts[d] + np.searchsorted(points[starts[d] : starts[d + 1]], cut)
    return found


class _Index(NamedTuple):
    """Habits of all devices, by feature: where each one's rows begin, whose they are and how much, and its rarity."""

    starts: Int64s
    device: Int32s
    weight: Floats
    rarity: Floats


def _by_feature(seen: Hours) -> _Index:
    having = np.bincount(seen.feature, minlength=seen.features)
    present = int(np.count_nonzero(np.diff(seen.starts)))
    rarity = np.log((1 + present) / (1 + having))
    starts = np.concatenate([[0], np.cumsum(having)]).astype(np.int64)
    device, weight = _turned(
        read_only(seen.starts, np.int64), read_only(seen.feature, np.int32), read_only(seen.hours, np.int32),
        read_only(rarity, np.float64), starts[:-1].copy(),
    )  # fmt: skip
    return _Index(starts, device, weight, rarity)


@kernel
def _turned(starts: Int64s, feature: Int32s, hours: Int32s, rarity: Floats, following: Int64s) -> tuple[Int32s, Floats]:
    """Devices and weights in the order of features; each device's weights have length 1."""
    device, weight = np.empty(feature.size, np.int32), np.empty(feature.size, np.float64)
    for d in range(starts.size - 1):
        length = 0.0
        for k in range(starts[d], starts[d + 1]):
            length += ((1.0 + np.log(hours[k])) * rarity[feature[k]]) ** 2
        length = np.sqrt(length)
        for k in range(starts[d], starts[d + 1]):
            place = following[feature[k]]
            following[feature[k]] += 1
            device[place] = d
            weight[place] = (1.0 + np.log(hours[k])) * rarity[feature[k]] / length if length > 0.0 else 0.0
    return device, weight


def _found(first: _Index, second: Hours, wanted: Int32s) -> int:
    """How many of some devices are found, each by its own habit in the second half."""
    return int(
        _match(
            read_only(first.starts, np.int64), read_only(first.device, np.int32), read_only(first.weight, np.float64),
            read_only(first.rarity, np.float64), read_only(second.starts, np.int64),
            read_only(second.feature, np.int32), read_only(second.hours, np.int32), read_only(wanted, np.int32),
        )
    )  # fmt: skip


@kernel
def _match(
    starts: Int64s,
    device: Int32s,
    weight: Floats,
    rarity: Floats,
    own_starts: Int64s,
    feature: Int32s,
    hours: Int32s,
    wanted: Int32s,
) -> int:
    right = 0
    score = np.empty(own_starts.size - 1, np.float64)
    for w in range(wanted.size):
        score[:] = 0.0
        target = wanted[w]
        for k in range(own_starts[target], own_starts[target + 1]):
            f = feature[k]
            much = (1.0 + np.log(hours[k])) * rarity[f]
            for row in range(starts[f], starts[f + 1]):
                score[device[row]] += much * weight[row]
        best = score[target]
        alone = best > 0.0
        for d in range(score.size):
            if d != target and score[d] >= best:
                alone = False
                break
        right += alone
    return right
