"""What becomes of presence when it is published: measured anew from exact sums, estimated, and cut to useful rows.

The same steps as a release's own, on fresh noise that is not kept: what is published in a trial is read by the trial
alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.estimate.measurements import Measurements, PresenceLevel
from hereabouts.estimate.presence.levels import presence_estimates
from hereabouts.hexagons import parents_of
from hereabouts.privacy.measure import Contribution, measure
from hereabouts.release.coarsen import coarsened
from hereabouts.release.plan import DAILY, HOURLY, Plan
from hereabouts.release.protected import Protection
from hereabouts.release.region import LEAF
from hereabouts.release.tables.presence import presence_table, slots_of
from hereabouts.risk.attack.pieces import Crowd, Query, Vectors
from hereabouts.windows import HOUR, Window

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = tuple[Floats, Flags]


@dataclass(frozen=True, repr=False)
class Publisher:
    """Publishes presence by a plan.

    Attributes
    ----------
    plan, window, protection
        Of the release that is attacked.
    queries
        How its presence was measured, by resolution.
    """

    plan: Plan
    window: Window
    protection: Protection
    queries: Mapping[int, Query]

    @cached_property
    def domains(self) -> dict[int, Cells]:
        """The region's sorted cells by resolution."""
        return {resolution: self.protection.region.cells(resolution) for resolution in range(LEAF + 1)}

    @cached_property
    def periods(self) -> dict[str, Integers]:
        """The periods with dates that are published, and to which start of them each hour belongs, shape (hours,)."""
        known = {
            HOURLY: np.arange(self.window.hours),
            DAILY: self.window.day_of_hour,
            self.window.duration: np.zeros(self.window.hours, dtype=np.int64),
        }
        return {period: known[period] for period in self.plan.presence.periods if period in known}

    def publish(self, sums: Mapping[int, Integers]) -> dict[tuple[int, str], Rows]:
        """Publish exact hourly sums, by resolution of shape (cells, hours), and read the rows.

        Returns
        -------
        dict
            By resolution and period the published devices and whether there is a row, both of shape (cells, starts).
        """
        levels = []
        for resolution, exact in sums.items():
            query = self.queries[resolution]
            found = measure(Contribution(exact, query.squared_sensitivity), query.rho)
            levels.append(PresenceLevel(resolution, found.values, found.scale**2))
        noisy = coarsened(Measurements((), presence=tuple(levels)), self.domains, self.window, self.protection)
        estimates = presence_estimates(
            noisy.presence, self.domains, self.window.day_of_hour, slots_of(self.plan, self.window)
        )
        table = presence_table(estimates, self.domains, self.window, self.plan, self.protection).content
        return {
            (resolution, period): self._read(table, resolution, period)
            for resolution in sums
            for period in self.periods
        }

    def _read(self, table: pa.Table, resolution: int, period: str) -> Rows:
        domain = self.domains[resolution]
        asked = np.asarray(table["period"].to_numpy(zero_copy_only=False) == period)
        rows = np.flatnonzero(asked & (table["resolution"].to_numpy() == resolution))
        names = table["cell"].combine_chunks().take(pa.array(rows)).dictionary_encode()
        cells = np.array([int(name, 16) for name in names.dictionary.to_pylist()], dtype=np.uint64)
        cell = np.searchsorted(domain, cells)[names.indices.to_numpy()]
        seconds = table["start"].combine_chunks().take(pa.array(rows)).cast(pa.timestamp("s", "UTC")).cast(pa.int64())
        starts = self.window.start + HOUR * np.unique(self.periods[period], return_index=True)[1]
        slot = np.searchsorted(starts, seconds.to_numpy())
        shape = domain.size, starts.size
        value, there = np.zeros(shape), np.zeros(shape, dtype=bool)
        value[cell, slot], there[cell, slot] = table["devices"].to_numpy()[rows], True
        return value, there


def published_trials(
    crowd: Crowd, publisher: Publisher, targets: Integers, runs: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Scores of targets by what is published with each of them in, and with each of them out.

    A coin puts each target in or leaves it out; the attacker knows all coins but the target's own, and all that
    everybody else adds, and scores by how much the published rows exceed that along the target's trace. Each target is
    in in half of the runs and out in the others.

    Returns
    -------
    tuple
        Scores in and out, shapes (targets, runs / 2).
    """
    halves = runs // 2
    inside, outside = np.empty((targets.size, halves)), np.empty((targets.size, halves))
    # Half of the runs of each target, in an order of its own.
    coins = np.argsort(rng.random((targets.size, 2 * halves)), axis=1) < halves
    filled = {True: np.zeros(targets.size, dtype=int), False: np.zeros(targets.size, dtype=int)}
    pieces = {piece.query.resolution: piece for piece in crowd.pieces if piece.query.statistic == "presence"}
    for run in range(2 * halves):
        here = coins[:, run]
        sums = {}
        for resolution in publisher.queries:
            exact = pieces[resolution].sums.copy()
            gone = pieces[resolution].sample.take(targets[~here])
            np.subtract.at(exact, gone.entry, gone.value)
            sums[resolution] = exact.reshape(-1, publisher.window.hours)
        rows = publisher.publish(sums)
        found = np.zeros(targets.size)
        for (resolution, period), read in rows.items():
            own = pieces[resolution].sample.take(targets)
            along = _along(read, sums[resolution], own, here, publisher.periods[period])
            found += along / publisher.queries[resolution].noise_scale ** 2
        for target in range(targets.size):
            put = inside if here[target] else outside
            put[target, filled[bool(here[target])][target]] = found[target]
            filled[bool(here[target])][target] += 1
    return inside, outside


def _along(rows: Rows, sums: Integers, own: Vectors, here: Flags, slot_of_hour: Integers) -> Floats:
    """By how much the published rows exceed what the others add, along each target's own trace; shape (targets,).

    A row is a mean over the hours of its period, and weighs as much as these do: its noise is that of a sum of them.
    """
    value, there = rows
    hours = np.bincount(slot_of_hour)
    cell, hour = np.divmod(own.entry, slot_of_hour.size)
    place, position = np.unique(np.stack([own.whose, cell, slot_of_hour[hour]]), axis=1, return_inverse=True)
    target, cell, slot = place
    added = np.bincount(position.ravel(), minlength=target.size) / hours[slot]
    means = np.add.reduceat(sums, np.unique(slot_of_hour, return_index=True)[1], axis=1) / hours
    without = means[cell, slot] - here[target] * added
    excess = np.where(there[cell, slot], (value[cell, slot] - without) * added * hours[slot], 0.0)
    return np.bincount(target, excess, minlength=here.size).astype(np.float64)


def threshold_canaries(publisher: Publisher, minimum: int, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Canaries that make a count reach a threshold: how many rows appear with one in, and how many with it out.

    In each cell one less than `minimum` made-up companions are present in every hour; a coin adds the canary, in every
    hour as well. Where rows were chosen by exact counts, they would appear with it and not without.

    Returns
    -------
    tuple
        Rows that appear and canaries, in; the same, out: as :func:`hereabouts.risk.attack.onerun.rates_flagged` takes
        them.
    """
    finest = max(publisher.queries)
    coins: Flags = np.asarray(rng.random(publisher.domains[finest].size) < 0.5)
    hours = publisher.window.hours
    leaf = np.repeat((minimum - 1 + coins.astype(np.int64))[:, None], hours, axis=1)
    sums = {finest: leaf}
    for resolution in publisher.queries:
        above = np.searchsorted(publisher.domains[resolution], parents_of(publisher.domains[finest], resolution))
        sums[resolution] = np.zeros((publisher.domains[resolution].size, hours), dtype=np.int64)
        np.add.at(sums[resolution], above, leaf)
    rows = publisher.publish(sums)
    appears = np.any(
        [there.any(axis=1) for (resolution, _), (_, there) in rows.items() if resolution == finest], axis=0
    )
    inside, outside = appears[coins], appears[~coins]
    return int(inside.sum()), inside.size, int(outside.sum()), outside.size
