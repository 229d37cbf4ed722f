"""The town's pings in feed columns: Arrow batches, a local day at a time, sorted by time.

A *part* is one local day of one block of devices: what a supplier would deliver as one file, and what
bounds the memory. Which rows there are does not depend on how devices are cut into blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.synthetic.config import TownConfig
from hereabouts.synthetic.people import settle
from hereabouts.synthetic.sampling import sample_day
from hereabouts.synthetic.spelling import spell_identifiers
from hereabouts.synthetic.town import Town, build_town

PART_ROWS = 7_200_000
"""About how many rows a part has at most."""
BATCH_ROWS = 1 << 18

FEED_SCHEMA = pa.schema(
    [
        ("device_id", pa.string()),
        ("id_type", pa.string()),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        ("horizontal_accuracy", pa.float32()),
        ("timestamp", pa.timestamp("ms", "UTC")),
        ("consent", pa.bool_()),
        ("limit_ad_tracking", pa.bool_()),
        ("source_type", pa.string()),
    ]
)

_ID_TYPES = np.frombuffer(b"idfaaaid", np.uint32)  # by `android`; both are four bytes long
_ID_TYPE_BYTES = 4
_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Part:
    """One local day of devices `first` to `first` + `size` - 1; it begins and ends at UTC seconds."""

    day: int
    first: int
    size: int
    begin: int
    end: int


class _Phones(NamedTuple):
    """What the feed says of each device in all its rows, side by side so that looking it up is quick."""

    identifiers: NDArray[np.uint64]
    id_types: NDArray[np.uint32]
    consent: NDArray[np.bool_]
    limit_ad_tracking: NDArray[np.bool_]


def pings(config: TownConfig) -> Iterator[pa.RecordBatch]:
    """Pings of a made-up town, in the canonical columns of a feed.

    Parameters
    ----------
    config
        The town, its days and its seed.

    Yields
    ------
    pyarrow.RecordBatch
        Up to 262,144 rows of `FEED_SCHEMA`. Days come in order; within a day (of 7 M rows at
        most: larger ones come block of devices by block) rows are in the order of time. Positions are
        WGS84 degrees, accuracies metres, timestamps UTC.
    """
    town = build_town(config)
    for part in parts_of(config):
        yield from part_batches(config, town, part)


def parts_of(config: TownConfig, rows: int = PART_ROWS) -> list[Part]:
    """Cut the feed into parts of about `rows` rows at most, day by day; each day has equally many."""
    blocks = min(max(1, math.ceil(config.devices * config.pings_per_day / rows)), config.devices)
    firsts = [config.devices * block // blocks for block in range(blocks + 1)]
    midnights = config.midnights()
    return [
        Part(day, first, after - first, midnights[day], midnights[day + 1])
        for day in range(config.days)
        for first, after in pairwise(firsts)
    ]


def part_batches(
    config: TownConfig, town: Town, part: Part, seen: NDArray[np.bool_] | None = None
) -> Iterator[pa.RecordBatch]:
    """Rows of one part in batches of up to `BATCH_ROWS`, sorted by time.

    Parameters
    ----------
    seen
        Marked at each device that has a row, shape (devices,).
    """
    people = settle(config, town, part.first, part.size)
    rows = sample_day(config, people, part.first, part.day)
    phones = _phones_of(people)
    del people  # a part needs no more of them than the phones, a tenth
    if seen is not None:
        seen[part.first + rows["device"]] = True
    order = _time_order(rows)
    for begin in range(0, len(rows), BATCH_ROWS):
        yield _batch(phones, np.take(rows, order[begin : begin + BATCH_ROWS]), part)


def _phones_of(people: NDArray[Any]) -> _Phones:
    return _Phones(
        identifiers=people["identifier"].copy(),
        id_types=_ID_TYPES[people["android"].astype(np.int8)],
        consent=people["consent"].copy(),
        limit_ad_tracking=people["limit_ad_tracking"].copy(),
    )


def _time_order(rows: NDArray[Any]) -> NDArray[np.int64]:
    """Rows by time, those of equal time in the order of devices: one sort of (time, row) pairs."""
    pairs = (rows["time"].astype(np.int64) << 32) | np.arange(len(rows))
    pairs.sort()
    pairs &= 0xFFFFFFFF
    return pairs


def _batch(phones: _Phones, rows: NDArray[Any], part: Part) -> pa.RecordBatch:
    device = rows["device"]
    stretch = (part.end - part.begin) * 1000 / _DAY_MS  # a day may have 23 or 25 hours
    time = part.begin * 1000 + np.floor(rows["time"] * stretch).astype(np.int64)
    columns = [
        spell_identifiers(phones.identifiers, device, rows["spelling"]),
        _four_letter_words(phones.id_types[device]),
        pa.array(rows["latitude"]),
        pa.array(rows["longitude"]),
        pa.array(rows["accuracy"]),
        pa.array(time, pa.int64()).view(pa.timestamp("ms", "UTC")),
        pa.array(phones.consent[device]),
        pa.array(phones.limit_ad_tracking[device]),
        pa.repeat(pa.scalar("sdk"), len(rows)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=FEED_SCHEMA)


def _four_letter_words(words: NDArray[np.uint32]) -> pa.StringArray:
    """Strings of four bytes each, from their bytes."""
    offsets = np.arange(0, _ID_TYPE_BYTES * len(words) + 1, _ID_TYPE_BYTES, dtype=np.int32)
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(offsets), pa.py_buffer(words))
