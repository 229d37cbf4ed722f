"""In which cells devices are, in which hours of the week: how many distinct hours each was seen in each of them.

Hours, not pings: a phone that reports every second is not ten times as much somewhere. Hours of the week are told by
the sun (:meth:`hereabouts.risk.traces.Traces.by_the_sun`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from hereabouts.engines.local import in_order
from hereabouts.movement.kernel import Int32s, Int64s, UInt64s, kernel, read_only
from hereabouts.risk.traces import Traces

NIGHT, DAY = 0, 1
"""Classes of hours of :func:`night_and_day`."""

_NO_CLASS = 255
_HOURS_OF_WEEK = 168
_DEVICES_AT_ONCE = 1 << 13

Classes = NDArray[np.uint8]
"""The class of each hour of the week from Monday 0:00 on, uint8[168]; 255 for none."""


def night_and_day() -> Classes:
    """Night, from 21 to 6, and day, from 9 to 17; other hours are neither."""
    hour = np.arange(_HOURS_OF_WEEK) % 24
    night, day = (hour >= 21) | (hour < 6), (hour >= 9) & (hour < 17)
    return np.where(night, NIGHT, np.where(day, DAY, _NO_CLASS)).astype(np.uint8)


def parts_of_week() -> Classes:
    """Night, day and the hours between, on weekdays and at the weekend: six classes."""
    part = night_and_day()
    part[part == _NO_CLASS] = 2
    weekend = np.arange(_HOURS_OF_WEEK) >= 120
    return (part + 3 * weekend).astype(np.uint8)


@dataclass(frozen=True, repr=False)
class Hours:
    """For each device the (cell, class) in which it was seen, and in how many distinct hours.

    Attributes
    ----------
    starts
        Where each device's rows begin, and the last one's end, int64[n + 1].
    feature
        Number of the cell, times the number of classes, plus the class, int32[m].
    hours
        Distinct hours, int32[m].
    features
        How many features there could be.
    """

    starts: Int64s
    feature: Int32s
    hours: Int32s
    features: int


def hours_seen(
    traces: Traces, resolution: int, classes: Classes, begins: Int64s | None = None, ends: Int64s | None = None
) -> Hours:
    """Count hours in each cell of a resolution and class of hours.

    Parameters
    ----------
    traces
        The data set.
    resolution
        H3 resolution, none that is finer than that of the traces.
    classes
        Of the hours of the week.
    begins, ends
        Which part of each device's points is looked at, int64[devices] places; all without them.
    """
    place, cells = traces.at(resolution)
    width = int(classes[classes != _NO_CLASS].max()) + 1
    first = traces.starts[:-1] if begins is None else begins
    after = traces.starts[1:] if ends is None else ends
    count = partial(
        _count,
        cast(UInt64s, read_only(traces.points, np.uint64)),
        cast(Int32s, read_only(place, np.int32)),
        cast(Int32s, read_only(traces.by_the_sun(), np.int32)),
        read_only(classes, np.uint8),
        width,
        len(cells) * width,
    )
    blocks = [slice(start, start + _DEVICES_AT_ONCE) for start in range(0, traces.devices, _DEVICES_AT_ONCE)]
    parts = list(
        in_order(lambda rows: count(read_only(first[rows], np.int64), read_only(after[rows], np.int64)), blocks)
    )
    sizes, feature, hours = (np.concatenate([part[column] for part in parts]) for column in range(3))
    return Hours(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), feature, hours, len(cells) * width)


def top_two(seen: Hours, of_class: int, classes: int = 2) -> NDArray[np.int32]:
    """Give the two cells in which each device was seen in most hours of a class, int32[n, 2]; -1 where there is none.

    Of equally many hours the smaller cell number comes first.
    """
    return _top_two(
        read_only(seen.starts, np.int64), read_only(seen.feature, np.int32), read_only(seen.hours, np.int32),
        of_class, classes,
    )  # fmt: skip


@kernel
def _count(
    points: UInt64s,
    place: Int32s,
    offset: Int32s,
    classes: Classes,
    width: int,
    features: int,
    begins: Int64s,
    ends: Int64s,
) -> tuple[Int64s, Int32s, Int32s]:
    """Count for a block of devices: how many features each has, then features and hours of all."""
    most = 0
    for d in range(begins.size):
        most += ends[d] - begins[d]
    sizes = np.zeros(begins.size, np.int64)
    feature, hours = np.empty(most, np.int32), np.empty(most, np.int32)
    last_hour, slot = np.full(features, -1, np.int32), np.full(features, -1, np.int32)
    total = 0
    for d in range(begins.size):
        first = total
        for row in range(begins[d], ends[d]):
            where = points[row] & np.uint64(0xFFFFFFFF)
            hour = (np.int64(points[row] >> np.uint64(32)) + offset[where]) // 3600
            kind = classes[(hour + 72) % 168]  # 1970 began on a Thursday
            if kind == 255:
                continue
            f = place[where] * width + kind
            if slot[f] < first:  # not met yet for this device
                slot[f], last_hour[f] = total, hour
                feature[total], hours[total] = f, 1
                total += 1
            elif last_hour[f] != hour:
                last_hour[f] = hour
                hours[slot[f]] += 1
        sizes[d] = total - first
    return sizes, feature[:total].copy(), hours[:total].copy()


@kernel
def _top_two(starts: Int64s, feature: Int32s, hours: Int32s, of_class: int, classes: int) -> NDArray[np.int32]:
    top = np.full((starts.size - 1, 2), -1, np.int32)
    for d in range(starts.size - 1):
        most, second = 0, 0
        for k in range(starts[d], starts[d + 1]):
            if feature[k] % classes != of_class:
                continue
            cell = np.int32(feature[k] // classes)
            if hours[k] > most or (hours[k] == most and cell < top[d, 0]):
                second, top[d, 1] = most, top[d, 0]
                most, top[d, 0] = hours[k], cell
            elif hours[k] > second or (hours[k] == second and cell < top[d, 1]):
                second, top[d, 1] = hours[k], cell
    return top
