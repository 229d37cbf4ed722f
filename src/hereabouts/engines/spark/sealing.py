"""Sealing a window on a cluster: a bucket is a task, and its tables count once the driver has moved them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hereabouts.engines.local import BucketWork, complete
from hereabouts.engines.spark.cluster import Cluster
from hereabouts.movement.cells import CellIndex
from hereabouts.store import attempts
from hereabouts.store.blobs import in_files
from hereabouts.store.sealing import BucketCounts, Sealing
from hereabouts.store.store import Store
from hereabouts.windows import Window


@dataclass(frozen=True, repr=False)
class _Order:
    """One bucket, what its window needs, and the folder for attempts."""

    work: BucketWork
    bucket: int
    attempts: Path


def seal_window(store: Store, window: Window, progress: Callable[[int, int], None], cluster: Cluster) -> dict[str, int]:
    """Turn a window's pings into its sealed tables, as :func:`hereabouts.engines.local.seal_window` does.

    Parameters
    ----------
    store, window, progress
        As there.
    cluster
        Who has the buckets worked on. Its executors must find the store under the same path.

    Raises
    ------
    MachineError
        When pings are missing or cannot be read, or the cluster failed.
    UsageError
        When the rows of the store lie on object storage.
    """
    in_files(store.open_folder)
    work = BucketWork.of(store, window)
    sealing = Sealing(store, window)
    with attempts.attempts(store.path) as folder:

        def done(buckets: Sequence[int]) -> Generator[BucketCounts]:
            orders = [_Order(work, bucket, folder) for bucket in buckets]
            with closing(cluster.each(_seal_bucket, orders, None)) as results:
                for counts, attempt in results:
                    attempts.adopt(folder / attempt, in_files(sealing.folder), durably=False)
                    yield counts

        return complete(sealing, work, done, progress)


def _seal_bucket(order: _Order, shared: None, attempt: str) -> tuple[BucketCounts, str]:  # noqa: ARG001
    own = attempts.begin(order.attempts, attempt)
    counts = order.work.seal(order.bucket, _cells(order.work.resolution), own)
    return counts, attempt


@cache
def _cells(resolution: int) -> CellIndex:
    """A process keeps the hexagons that it has met, for the next bucket."""
    return CellIndex(resolution)
