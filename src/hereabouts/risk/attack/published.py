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
    crowd: Crowd, publisher: Publisher, targets: Integers, pairs: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Scores of targets by what is published with each of them in, and with each of them out.

    A coin puts each target in or leaves it out, and in a second publication it is the other way round. So a pair of
    publications tries each target once in and once out, among others who are in or out by coins of their own. The
    attacker knows all coins but the target's, and all that everybody else adds, and scores by how much the published
    rows exceed that along the target's trace.

    Targets of one publication share its noise. Pairs share nothing: they are what is independent here.

    Parameters
    ----------
    crowd
        Of presence alone.
    pairs
        Of publications.

    Returns
    -------
    tuple
        Scores in and out, shapes (targets, pairs).
    """
    inside, outside = np.empty((targets.size, pairs)), np.empty((targets.size, pairs))
    for pair in range(pairs):
        coins: Flags = np.asarray(rng.random(targets.size) < 0.5)
        for here in (coins, ~coins):
            found = _scores(crowd, publisher, targets, here)
            inside[here, pair], outside[~here, pair] = found[here], found[~here]
    return inside, outside


def _scores(crowd: Crowd, publisher: Publisher, targets: Integers, here: Flags) -> Floats:
    """Scores of all targets by one publication, with those of them in that are here; shape (targets,)."""
    sums, own = {}, {}
    for piece in crowd.pieces:
        resolution = piece.query.resolution
        if resolution is None or resolution not in publisher.queries:
            continue
        exact, gone = piece.sums.copy(), piece.sample.take(targets[~here])
        np.subtract.at(exact, gone.entry, gone.value)
        sums[resolution] = exact.reshape(-1, publisher.window.hours)
        own[resolution] = piece.sample.take(targets)
    found = np.zeros(targets.size)
    for (resolution, period), read in publisher.publish(sums).items():
        excess = _along(read, sums[resolution], own[resolution], here, publisher.periods[period])
        found += excess / publisher.queries[resolution].noise_scale ** 2
    return found


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


def threshold_canaries(publisher: Publisher, minimum: int, rng: np.random.Generator) -> tuple[int, int]:
    """Canaries that make a count reach a threshold: of how many a row says whether they are in, and how many there are.

    In each cell one less than `minimum` made-up companions are present in every hour; a coin of its own adds the
    canary, in every hour as well. "In" is guessed where a row of the cell appears, "out" where none does: where rows
    are chosen by exact counts, that is right.

    Cells of one publication share noise, parents and all that is learnt from it. The one-run audit asks for nothing
    else than fair and independent coins, which these are, and guesses that see nothing but what was published.

    Returns
    -------
    tuple
        Right guesses, and guesses: one of each cell, as :func:`hereabouts.risk.attack.onerun.p_value` takes them.
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
    return int((appears == coins).sum()), coins.size
