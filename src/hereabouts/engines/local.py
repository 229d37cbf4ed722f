"""The embedded engine: carries batches to the kernels on this machine's cores, one bucket in memory at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import h3.api.basic_int as h3
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.engines.memory import keep_freed_memory
from hereabouts.errors import MachineError
from hereabouts.hexagons import distance
from hereabouts.movement.batch import sort_pings, summarise
from hereabouts.movement.cells import CellIndex
from hereabouts.objects import AnyPath
from hereabouts.store import sealed
from hereabouts.store.frames import Listing
from hereabouts.store.keys import PINGS
from hereabouts.store.open_window import BUCKETS, Pings, read_bucket
from hereabouts.store.sealing import BucketCounts, Sealing
from hereabouts.store.store import COUNTS, Store
from hereabouts.windows import HOUR, Window

Item = TypeVar("Item")
Result = TypeVar("Result")
Integers = NDArray[np.int64]
Cells = NDArray[np.uint64]
Codes = NDArray[np.int32]


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None
) -> Generator[Result, None, None]:
    """Results of `work` in the order of `items`, computed by so many threads (a core each), a few items ahead at most.

    The kernels, Arrow and the ciphers all let go of the interpreter's lock, so threads are enough.
    """
    workers = workers or os.cpu_count() or 1
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def seal_window(store: Store, window: Window, progress: Callable[[int, int], None]) -> dict[str, int]:
    """Turn a window's pings into its sealed tables; they appear all at once, under their final name.

    Buckets that a seal which was cut off has done, from the same pings, are not done again.

    Parameters
    ----------
    store
        The store, locked.
    window
        A window that is open.
    progress
        Told how many buckets of how many are done.

    Returns
    -------
    dict
        ``pings``, ``device_hours`` and ``trips`` of the window: exact, and confidential.

    Raises
    ------
    MachineError
        When pings are missing or cannot be read.
    """
    keep_freed_memory()
    work = BucketWork.of(store, window)
    cells = CellIndex(work.resolution)
    sealing = Sealing(store, window)
    return complete(
        sealing, work, lambda buckets: in_order(lambda each: work.seal(each, cells, sealing.folder), buckets), progress
    )


@dataclass(frozen=True, repr=False)
class BucketWork:
    """All that is needed to seal buckets of a window.

    Attributes
    ----------
    open_folder, listing
        Where pings lie.
    brought
        Frames that each file of the window's intakes has, over all buckets.
    key
        What the pings are encrypted with.
    """

    open_folder: AnyPath
    window: Window
    resolution: int
    listing: Listing
    brought: Mapping[str, int]
    key: bytes

    @classmethod
    def of(cls, store: Store, window: Window) -> BucketWork:
        """Look it up in a locked store.

        Raises
        ------
        MachineError
            When the window's key is missing.
        """
        key = store.keys.get(window.folder, PINGS)
        folder = store.open_folder
        everywhere = folder.resolve() if isinstance(folder, Path) else folder
        listing = Listing.of(everywhere, window.folder)
        return cls(everywhere, window, store.facts.resolution, listing, store.frames(window), key)

    def seal(self, bucket: int, cells: CellIndex, folder: AnyPath) -> BucketCounts:
        """Turn a bucket's pings into tables below a folder; a bucket without pings has none."""
        names = self.listing.of_intakes(bucket, self.brought)
        pings, frames = read_bucket(self.open_folder, self.window.folder, bucket, names, self.key)
        if pings is None:
            return BucketCounts(bucket, frames, 0, 0, 0)
        distinct, tables = summarise_bucket(pings, self.window, self.resolution, cells)
        tables.write(folder, bucket)
        return BucketCounts(bucket, frames, distinct, len(tables.presence), len(tables.trips))


def complete(
    sealing: Sealing,
    work: BucketWork,
    done: Callable[[Sequence[int]], Iterable[BucketCounts]],
    progress: Callable[[int, int], None],
) -> dict[str, int]:
    """Have the buckets done that are not, by `done`, and give the tables their final name; the counts of all buckets.

    Raises
    ------
    MachineError
        When pings are missing.
    """
    with sealing.underway():
        for counts in done([bucket for bucket in range(BUCKETS) if bucket not in sealing.done]):
            sealing.add(counts)
            progress(len(sealing.done), BUCKETS)
        found, expected = sum(counts.frames for counts in sealing.done.values()), sum(work.brought.values())
        if found != expected:
            raise MachineError(
                f"window {work.window.name} has {found:,} frames of pings on the disk, and its intakes brought "
                f"{expected:,}: files are missing in {work.open_folder}; restore the store from a copy"
            )
        sealing.finish()
    return {name: sum(getattr(counts, name) for counts in sealing.done.values()) for name in COUNTS}


def summarise_bucket(
    pings: Pings, window: Window, resolution: int, cells: CellIndex
) -> tuple[int, sealed.BucketTables]:
    """The tables that a bucket's pings become, and how many distinct pings there were."""
    batch = sort_pings(pings.pseudonym, pings.time, pings.latitude, pings.longitude)
    found = summarise(
        batch.device, batch.time, batch.latitude, batch.longitude, window.start, window.end, resolution, cells
    )
    presence = {
        "device": sealed.device_column(batch.devices, found.presence.device),
        "cell": pa.array(found.presence.cell),
        "start": sealed.hours_column(found.presence.hour, window.start),
    }
    stays = {
        "device": sealed.device_column(batch.devices, found.stays.device),
        "cell": pa.array(found.stays.cell),
        "start": sealed.hours_column(found.stays.hour, window.start),
        "minutes": pa.array(sealed.binned(found.stays.duration // 60, sealed.MINUTES)),
    }
    trips = {
        "device": sealed.device_column(batch.devices, found.trips.device),
        "origin": pa.array(found.trips.origin),
        "destination": pa.array(found.trips.destination),
        "start": sealed.hours_column(found.trips.hour, window.start),
        "minutes": pa.array(sealed.binned(found.trips.duration // 60, sealed.MINUTES)),
        "metres": pa.array(sealed.binned(_metres(found.trips.origin, found.trips.destination), sealed.METRES)),
    }
    return len(batch.time), sealed.BucketTables(pa.table(presence), pa.table(stays), pa.table(trips))


def _metres(origin: Cells, destination: Cells) -> NDArray[np.float64]:
    """Great-circle distances between the centres of cells, shape (trips,)."""
    distinct, place = _coded(pa.array(np.concatenate([origin, destination])))
    centre = np.array([_centre(cell) for cell in distinct.tolist()]).reshape(-1, 2)
    return distance(centre[place[: origin.size]], centre[place[origin.size :]])


@lru_cache(maxsize=1 << 20)
def _centre(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's centre; one bucket's trips lead to the same cells as another's."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return latitude, longitude


def presence_batches(folder: AnyPath, window: Window) -> Iterator[tuple[Cells, Codes, Integers]]:
    """Presence of a sealed window, bucket by bucket.

    The distinct store cells, each row's place among them, and the number of its hour.
    """

    def read(path: AnyPath) -> tuple[Cells, Codes, Integers]:
        table = sealed.read_whole(path, ["cell", "start"])
        cells, codes = _coded(table["cell"].combine_chunks())
        return cells, codes, _hours(table["start"].combine_chunks(), window.start)

    return in_order(read, sealed.bucket_files(folder, sealed.PRESENCE))


def trip_buckets(folder: AnyPath, window: Window) -> Iterator[tuple[Integers, Cells, Codes, Codes, Integers]]:
    """Trips of a sealed window, bucket by bucket.

    A number for each row's device, the distinct store cells, the places among them of origins and destinations, and the
    number of the hour in which the trip began.
    """

    def read(path: AnyPath) -> tuple[Integers, Cells, Codes, Codes, Integers]:
        table = sealed.read_whole(path, ["device", "origin", "destination", "start"])
        device = table["device"].combine_chunks()
        numbers = device if pa.types.is_dictionary(device.type) else device.dictionary_encode()
        ends = [table[name].combine_chunks() for name in ("origin", "destination")]
        cells, codes = _coded(pa.concat_arrays(ends))
        rows = table.num_rows
        hours = _hours(table["start"].combine_chunks(), window.start)
        return numbers.indices.to_numpy().astype(np.int64), cells, codes[:rows], codes[rows:], hours

    return in_order(read, sealed.bucket_files(folder, sealed.TRIPS))


def _coded(cells: pa.UInt64Array) -> tuple[Cells, Codes]:
    """Distinct cells, and each row's place among them."""
    found = cells.dictionary_encode()
    return found.dictionary.to_numpy(), found.indices.to_numpy()


def _hours(starts: pa.TimestampArray, window_start: int) -> Integers:
    # Parquet keeps instants in milliseconds at its coarsest.
    hours = starts.cast(pa.timestamp("ms", "UTC")).cast(pa.int64()).to_numpy() - 1000 * window_start
    hours //= 1000 * HOUR
    return np.asarray(hours)
