"""From a feed, or a sealed window of a store, to traces; whoever wants to look at positions sees them go by, once.

Of a feed all rows are read that have a device, a position and a time, whatever they say of consent: what is measured
is the data set as it was handed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.engines.local import in_order
from hereabouts.engines.sealed_rows import device_rows
from hereabouts.errors import BadInputError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.feed import Feed
from hereabouts.feeds.ids.identifiers import pseudonyms_under
from hereabouts.movement.cells import CellIndex
from hereabouts.movement.kernel import Floats, Int32s, Int64s, UInt64s
from hereabouts.risk.traces import FINEST, Gathering, Traces
from hereabouts.store.open_window import BUCKETS
from hereabouts.store.sealed import PRESENCE
from hereabouts.store.store import Store
from hereabouts.windows import HOUR, Window

_KEY = bytes(32)
"""No secret: pseudonyms tell devices apart in memory here, and are gone with the process."""


class Seen(NamedTuple):
    """Pings that go by, m of them."""

    device: Int32s
    """Numbers of their devices."""
    time: Int64s
    """UTC seconds."""
    latitude: Floats
    longitude: Floats


_ODD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


def mixed_positions(seen: Seen) -> UInt64s:
    """Give a number for each position, spread evenly: positions of neighbours are not sampled together."""
    mixed = seen.latitude.view(np.uint64) * _ODD[0] + seen.longitude.view(np.uint64) * _ODD[1]
    for odd in _ODD:
        mixed ^= mixed >> np.uint64(31)
        mixed *= odd
    return np.asarray(mixed ^ (mixed >> np.uint64(29)), np.uint64)


Look = Callable[[Seen], None]
"""Is shown each batch of pings once; keeps no position that it does not need."""

Progress = Callable[[int, float], None]
"""Is told how many rows were read, and what share of all that is."""


class _Ready(NamedTuple):
    """A batch of pings, on its way from the threads."""

    key: UInt64s
    time: Int64s
    cells: UInt64s
    latitude: Floats
    longitude: Floats
    rows: int
    share: float


def named(feeds: Sequence[Feed]) -> str:
    """Say what feeds are: how many files, by which profile. A file's name may be a person's, an id, a place."""
    return f"{'one file' if len(feeds) == 1 else f'{len(feeds):,} files'}, read by profile '{feeds[0].profile.name}'"


def feed_traces(feeds: Sequence[Feed], now: int, looks: Sequence[Look], progress: Progress) -> Traces:
    """Read feeds that were opened, all of one profile; the same id is the same device in all of them.

    Parameters
    ----------
    feeds
        At least one.
    now
        The clock, UTC seconds: pings of more than a day later are left out.
    looks
        What is shown the pings.
    progress
        Told how far it is.

    Raises
    ------
    BadInputError
        When a file turns out to be damaged, or no row of any can be used.
    """
    profile = replace(
        feeds[0].profile, accuracy=None, consent=None, consent_framework=None, limit_ad_tracking=None, source_type=None
    )
    gate, index = Gate(float("inf"), now, consent_by_supplier=True), CellIndex(FINEST)
    sizes = np.cumsum([0, *(feed.source.size for feed in feeds)])

    def batches() -> Iterator[tuple[pa.RecordBatch, float]]:
        for number, feed in enumerate(feeds):
            for batch in feed.batches():
                done = sizes[number] + feed.progress * (sizes[number + 1] - sizes[number])
                yield batch, float(done / max(sizes[-1], 1))

    def work(item: tuple[pa.RecordBatch, float]) -> _Ready:
        batch, share = item
        pings = check(batch, profile, gate)
        (names,) = pseudonyms_under(pings.ids, [_KEY], pings.row)
        cells = index.cells_of(pings.latitude, pings.longitude)
        return _Ready(
            np.ascontiguousarray(names[:, 0]), pings.time, cells, pings.latitude, pings.longitude, pings.rows, share
        )

    traces = _gathered(in_order(work, batches()), looks, progress)
    if not traces.devices:
        raise BadInputError(
            feeds[0].label, "no row has a device, a position and a time that can be read: is this the right profile?"
        )
    return traces


def window_traces(store: Store, window: Window, progress: Progress) -> Traces:
    """Read a sealed window of a store, which is locked: its presence rows, which have the cell and the hour alone.

    Raises
    ------
    MachineError
        When something of the window is missing or cannot be read.
    """
    gathering, devices, rows = Gathering(store.facts.resolution, HOUR), 0, 0
    for number, bucket in enumerate(device_rows(store.sealed_folder(window), window, [PRESENCE])):
        presence = bucket.presence
        keys: NDArray[np.uint64] = (presence.device + (devices + 1)).astype(np.uint64)
        gathering.add(keys, window.start + HOUR * presence.hour, bucket.cells[presence.cell])
        devices, rows = devices + bucket.devices, rows + len(presence.device)
        progress(rows, (number + 1) / BUCKETS)
    return gathering.traces()


def _gathered(batches: Iterator[_Ready], looks: Sequence[Look], progress: Progress) -> Traces:
    gathering, rows = Gathering(), 0
    for batch in batches:
        device = gathering.add(batch.key, batch.time, batch.cells)
        for look in looks:
            look(Seen(device, batch.time, batch.latitude, batch.longitude))
        rows += batch.rows
        progress(rows, batch.share)
    return gathering.traces()
