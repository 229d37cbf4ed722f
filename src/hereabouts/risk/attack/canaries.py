"""Canaries: made-up devices that go all the way through our own code, and are looked for in the noise.

They are planted in memory beside nobody: what the crowd adds to a number cancels where everything else is known, and
what is drawn here is neither published nor kept. No canary shares a number with another one, so that all of them stand
in one run, and each one's score is independent of the others.

- A **steady** canary is in one cell in each hour of the window, which is as much as a device can add to presence. Its
  pings come twice, from two feeds that spell its id differently: they pass the same hashing of ids and the same kernels
  as everybody's. It scores too high where noise is too small, and where it counts twice.
- A **long** canary is ten times as long as the bound to which vectors are scaled, or as long as there is room for. It
  scores too high where noise is too small, and where the bound is missing.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.engines.local import summarise_bucket
from hereabouts.feeds.ids.identifiers import pseudonyms
from hereabouts.hexagons import centres_of, parents_of
from hereabouts.movement.cells import CellIndex
from hereabouts.privacy.measure import Contribution, measure
from hereabouts.release.region import LEAF, Region
from hereabouts.risk.attack.pieces import Query, vectors_in
from hereabouts.store.pings import Pings
from hereabouts.windows import HOUR, Window

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 1_000
"""Canaries in one run."""
_TIMES = 10
_TWICE = 2.0
_AT_ONCE = 1 << 21
# Pings of the two feeds, in minutes of each hour: less than half an hour apart, so that the whole hour is held.
_FIRST_FEED, _SECOND_FEED = (5, 30), (15, 40)


@dataclass(frozen=True, repr=False)
class Planted:
    """Canaries of one query.

    Attributes
    ----------
    query
        What they are looked for in.
    expected
        What each adds to its own numbers by the query's bound, shape (canaries, numbers of each).
    added
        What our code makes of its pings or rows there, same shape.
    times
        How many times as long as the bound they are before they are scaled.
    """

    query: Query
    expected: Integers
    added: Integers
    times: float = 1.0

    @property
    def mu(self) -> float:
        """By how many deviations of its noise a canary may move a score: ``sqrt(2 rho)``, by what was paid alone.

        Not by the scale of the noise, which is what is tested.
        """
        return math.sqrt(2 * self.query.rho)

    def scores(self, runs: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Scores of the canaries that a coin put in and of those that it left out, in so many runs together.

        A score is ``<y, c> / (sigma |c|)``, `c` being what is expected: every run is measured through
        :func:`hereabouts.privacy.measure.measure`, with noise of its own.
        """
        canaries, numbers = self.added.shape
        direction = self.expected / np.sqrt((self.expected.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
        put_in, left_out = [np.empty(0)], [np.empty(0)]
        most = max(1, _AT_ONCE // (canaries * numbers))
        for begin in range(0, runs, most):
            coins = rng.random((min(most, runs - begin), canaries)) < 0.5
            sums = np.where(coins[:, :, None], self.added, 0)
            noisy = measure(Contribution(sums, self.query.squared_sensitivity), self.query.rho).values
            found = (noisy * direction).sum(axis=2) / self.query.noise_scale
            put_in.append(found[coins])
            left_out.append(found[~coins])
        return np.concatenate(put_in), np.concatenate(left_out)


def steady(query: Query, region: Region, window: Window, resolution: int) -> Planted:
    """Canaries of presence, by way of ids and kernels.

    Parameters
    ----------
    query
        Of presence.
    region, window
        Of the plan.
    resolution
        Of the store's cells.
    """
    domain, leaf = np.unique(parents_of(region.leaves, query.resolution or LEAF), return_index=True)
    canaries, hours = min(MOST, domain.size), window.hours
    # In the next hour everybody is in another cell, and no two are ever in the same one.
    place = (np.arange(canaries)[:, None] + np.arange(hours)[None, :] * 7) % domain.size
    numbers = place * hours + np.arange(hours)
    rows = _rows_of(_pings(centres_of(region.leaves[leaf])[place], window), window, resolution)
    return _planted(query, rows, numbers, np.ones_like(numbers))


def long(query: Query, region: Region, window: Window) -> Planted | None:
    """Canaries of flows over the window, or of visitors, as sealed rows.

    ``None`` where there is no room for one of twice the bound, no bound to exceed, or another statistic.
    """
    if query.squared_bound is None or query.resolution is None:
        return None
    domain, leaf = np.unique(parents_of(region.leaves, query.resolution), return_index=True)
    none = np.empty(0, dtype=np.int64)
    if (query.statistic, query.part) == ("flows", "pairs"):
        pairs = np.arange(query.size) if query.kept is None else query.kept
        numbers = np.arange(min(MOST, pairs.size))[:, None]
        trips = _TIMES * int(np.ceil(query.squared_bound**0.5))
        times = trips / query.squared_bound**0.5
        whose = np.repeat(np.arange(numbers.size), trips)
        origin, destination = np.divmod(pairs[whose], domain.size)
        zeros = np.zeros_like(whose)
        made = Presence(none, none, none), Trips(whose, origin, destination, zeros, zeros, zeros)
    elif query.statistic == "visitors":
        # Once in each number: so long a vector needs room for its square.
        many = min(_TIMES**2 * query.squared_bound, query.size)
        times = (many / query.squared_bound) ** 0.5
        numbers = np.arange(min(MOST, query.size // many) * many).reshape(-1, many)
        slots = query.size // domain.size
        whose = np.repeat(np.arange(len(numbers)), many)
        cell, slot = np.divmod(numbers.ravel(), slots)
        first_hour = np.unique(window.day_of_hour, return_index=True)[1] if slots > 1 else np.zeros(1, dtype=np.int64)
        made = Presence(whose, cell, first_hour[slot]), Trips(*[none] * 6)
    else:
        return None
    if not len(numbers) or times < _TWICE:
        return None
    rows = DeviceRows(len(numbers), region.leaves[leaf], made[0], Stays(none, none, none), made[1])
    # Scaled to the bound, all of its numbers are alike.
    expected = np.ones_like(numbers)
    return _planted(query, rows, numbers, expected, times)


def _planted(query: Query, rows: DeviceRows, numbers: Integers, expected: Integers, times: float = 1.0) -> Planted:
    """What planted rows add to the numbers of each canary, whoever of them it is counted for."""
    found = vectors_in(rows, query)
    sums = np.zeros(query.size if query.kept is None else query.kept.size, dtype=np.int64)
    np.add.at(sums, found.entry, found.value)
    return Planted(query, expected, sums[numbers], times)


def _pings(position: Floats, window: Window) -> Pings:
    """Two pings an hour from each of two feeds, at `position`, shape (canaries, hours, 2)."""
    canaries, hours, _ = position.shape
    ids = [uuid.UUID(int=number + 1) for number in range(canaries)]
    key = bytes(32)  # of nobody's store
    feeds = [
        (pseudonyms(pa.array([str(each) for each in ids]), key), _FIRST_FEED),
        (pseudonyms(pa.array([each.hex.upper() for each in ids]), key), _SECOND_FEED),
    ]
    start = window.start + HOUR * np.arange(hours)
    parts = []
    for names, minutes in feeds:
        for minute in minutes:
            time = np.broadcast_to(start + 60 * minute, (canaries, hours))
            parts.append((np.repeat(names, hours, axis=0), time.ravel(), position.reshape(-1, 2)))
    names, time, places = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Pings(names, time.astype(np.int64), places[:, 0].copy(), places[:, 1].copy())


def _rows_of(pings: Pings, window: Window, resolution: int) -> DeviceRows:
    """Presence that our kernels make of pings."""
    _, tables = summarise_bucket(pings, window, resolution, CellIndex(resolution))
    device = tables.presence["device"].combine_chunks()
    cells, cell = np.unique(tables.presence["cell"].to_numpy(), return_inverse=True)
    start = tables.presence["start"].combine_chunks().cast(pa.int64()).to_numpy()
    none = np.empty(0, dtype=np.int64)
    presence = Presence(
        device.indices.to_numpy().astype(np.int64), cell.astype(np.int64), (start - window.start) // HOUR
    )
    return DeviceRows(len(device.dictionary), cells, presence, Stays(none, none, none), Trips(*[none] * 6))
