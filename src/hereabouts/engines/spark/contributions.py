"""Exact, bounded contributions on a cluster: each task adds up some buckets, the driver adds up tasks.

A device has all of its rows in one bucket, and sums are whole numbers: whoever adds them up, and in whatever order,
they are the same. What is added up is what :mod:`hereabouts.catalogue` says; it passes through unopened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.distributions import histograms
from hereabouts.catalogue.flows import flow_contribution, trip_counts
from hereabouts.catalogue.presence import presence_contributions
from hereabouts.catalogue.rows import DeviceRows
from hereabouts.catalogue.vectors import norms_contribution, vectors_contribution
from hereabouts.catalogue.visitors import Level, slots_of, visitor_vectors
from hereabouts.engines.sealed_rows import bucket_rows, buckets_of
from hereabouts.engines.spark.cluster import Cluster
from hereabouts.objects import AnyPath
from hereabouts.privacy.measure import Contribution, together
from hereabouts.windows import Window

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Domains = Mapping[int, Cells]
Part = Callable[..., Contribution]
"""What the devices of some buckets contribute; called with their rows, and with what else was given."""

_TASKS_A_CORE = 4
"""Few: each sends its sums, over the whole domain, to the driver."""


@dataclass(frozen=True, repr=False)
class _Reading:
    """What all tasks do; nothing in it is secret."""

    folder: AnyPath
    window: Window
    tables: Collection[str]
    part: Part
    given: Mapping[str, Any]


def contribution(
    cluster: Cluster, folder: AnyPath, window: Window, tables: Collection[str], part: Part, **given: Any
) -> Contribution:
    """What all devices of a sealed window contribute.

    Parameters
    ----------
    folder
        The sealed window's folder, under a path that executors know.
    window
        The window.
    tables
        The sealed tables that are needed.
    part, given
        One of the functions below, and its arguments after the rows.

    Raises
    ------
    MachineError
        When a file cannot be read, or the cluster failed.
    """
    buckets = buckets_of(folder, tables)
    tasks = max(1, min(len(buckets), _TASKS_A_CORE * cluster.cores))
    reading = _Reading(folder, window, tables, part, given)
    return together(cluster.each(_add_up, [buckets[start::tasks] for start in range(tasks)], reading))


def _add_up(buckets: list[str], reading: _Reading, attempt: str) -> Contribution:  # noqa: ARG001
    rows = (bucket_rows(reading.folder, bucket, reading.window, reading.tables) for bucket in buckets)
    return reading.part(rows, window=reading.window, **reading.given)


def presence(
    rows: Iterable[DeviceRows], *, window: Window, leaves: Cells, domain: Cells, resolution: int
) -> Contribution:
    """Devices by cell and hour, shape (cells, hours): see :mod:`hereabouts.catalogue.presence`."""
    batches = ((bucket.cells, bucket.presence.cell, bucket.presence.hour) for bucket in rows)
    return presence_contributions(batches, leaves, {resolution: domain}, window.hours)[resolution]


def visitors(
    rows: Iterable[DeviceRows], *, window: Window, leaves: Cells, domains: Domains, level: Level, squared_bound: int
) -> Contribution:
    """Scaled vectors of cells and slots, shape (cells x slots,): see :mod:`hereabouts.catalogue.visitors`."""
    vectors = visitor_vectors(rows, leaves, domains, [level], window)[level]
    return vectors_contribution(vectors, domains[level[0]].size * slots_of(level[1], window)[1], squared_bound)


def visitor_norms(
    rows: Iterable[DeviceRows], *, window: Window, leaves: Cells, domains: Domains, level: Level
) -> Contribution:
    """Devices by the length of these vectors, by which a bound is chosen once it is noisy, shape (1, bins)."""
    return norms_contribution([visitor_vectors(rows, leaves, domains, [level], window)[level]])


def flows(
    rows: Iterable[DeviceRows],
    *,
    window: Window,  # noqa: ARG001 - as all of them are called
    leaves: Cells,
    domain: Cells,
    resolution: int,
    pairs: Integers,
    squared_bound: int,
) -> Contribution:
    """Scaled trips by pair of cells, shape (pairs,): see :mod:`hereabouts.catalogue.flows`."""
    place = (leaves, domain, resolution)
    counts = [
        trip_counts(bucket.trips.device, bucket.cells, bucket.trips.origin, bucket.trips.destination, *place)
        for bucket in rows
    ]
    return flow_contribution(counts, pairs, squared_bound)


def distribution(
    rows: Iterable[DeviceRows], *, window: Window, leaves: Cells, statistic: str, squared_bound: int | None = None
) -> Contribution:
    """Rows by bin, scaled if there is no natural bound, shape (bins,): :mod:`hereabouts.catalogue.distributions`."""
    (found,) = histograms(rows, leaves, [statistic], window)
    if found.natural is not None:
        return found.natural
    if squared_bound is None:
        raise ValueError(f"{statistic} has no natural bound: expected one to scale to")
    return vectors_contribution(found.vectors, found.size, squared_bound)
