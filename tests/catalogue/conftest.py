"""Made-up devices, well-behaved and hostile, and the real way from their pings to contributions.

A device is a recipe: a kind and a seed. Its pings depend on these alone, so a town with and without it is a pair
of neighbours in the sense of the proof notes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.catalogue.flows import TripCounts, trip_counts
from hereabouts.catalogue.presence import presence_contributions
from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.hexagons import centres_of, distance, parents_of
from hereabouts.movement.batch import Movement, SortedPings, sort_pings, summarise
from hereabouts.movement.cells import CellIndex
from hereabouts.privacy.measure import Contribution
from hereabouts.store import sealed
from hereabouts.windows import Window

Cells = NDArray[np.uint64]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Recipe = tuple[str, int]

STORE_RESOLUTION, LEAF = 8, 7
CENTRE = (48.2, 16.37)
STAY = 1200  # seconds: the shortest span that is a stay
PERIOD = STAY + 1  # the shortest time from the start of one stay to the start of the next
WEEK = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 20), "UTC")


class Trace(NamedTuple):
    """Pings of one device: UTC seconds, and degrees."""

    time: Integers
    latitude: Floats
    longitude: Floats


@dataclass(frozen=True)
class Chain:
    """From recipes to contributions, through the kernels that a store uses."""

    leaves: Cells
    window: Window = WEEK
    cells: CellIndex = field(default_factory=lambda: CellIndex(STORE_RESOLUTION))

    def domain(self, resolution: int) -> Cells:
        """The region's cells, sorted."""
        return np.unique(parents_of(self.leaves, resolution))

    def trace(self, recipe: Recipe, window: Window = WEEK) -> Trace:
        """The pings of one device, all in the window."""
        kind, seed = recipe
        trace = KINDS[kind](np.random.default_rng(seed), self.leaves, window)
        inside = (trace.time >= window.start) & (trace.time < window.end)
        return Trace(trace.time[inside], trace.latitude[inside], trace.longitude[inside])

    def million(self) -> Trace:
        """A million pings of one device, all over the region: several a second, and rows that are there twice."""
        rng = np.random.default_rng(5)
        time = np.sort(rng.integers(self.window.start, self.window.end, 1_000_000))
        place = _centres(self.leaves, (time // 97) % self.leaves.size)
        return Trace(time, place[:, 0].copy(), place[:, 1].copy())

    def pings(self, devices: Iterable[tuple[int, Recipe]], window: Window = WEEK) -> SortedPings:
        """Pings of numbered devices, handed over in no order; neighbouring numbers have neighbouring pseudonyms."""
        names, traces = [np.empty((0, 2), np.uint64)], [Trace(np.empty(0, np.int64), np.empty(0), np.empty(0))]
        for number, recipe in devices:
            traces.append(self.trace(recipe, window))
            name = np.array([[7 + number // 3, 2**64 - 1 - number]], np.uint64)
            names.append(np.repeat(name, traces[-1].time.size, axis=0))
        pseudonym = np.concatenate(names)
        time, latitude, longitude = (np.concatenate(columns) for columns in zip(*traces, strict=True))
        order = np.random.default_rng(len(pseudonym)).permutation(len(pseudonym))
        return sort_pings(pseudonym[order], time[order], latitude[order], longitude[order])

    def movement(self, pings: SortedPings, window: Window = WEEK) -> Movement:
        """What is kept of them once the window is sealed."""
        return summarise(*pings[1:], window.start, window.end, STORE_RESOLUTION, self.cells)

    def presence(
        self, devices: Sequence[tuple[int, Recipe]], resolutions: Sequence[int], window: Window = WEEK
    ) -> dict[int, Contribution]:
        """Contributions to presence, from two batches as from two buckets."""
        domains = {resolution: self.domain(resolution) for resolution in resolutions}
        found = [self.movement(self.pings(part, window), window).presence for part in _buckets(devices)]
        batches = [self.presence_rows(rows.cell, rows.hour.astype(np.int64)) for rows in found]
        return presence_contributions(batches, self.leaves, domains, window.hours)

    def presence_rows(self, cell: Cells, hour: Integers) -> tuple[Cells, Integers, Integers]:
        """Presence rows as an engine hands them over."""
        return *np.unique(cell, return_inverse=True), hour

    def trip_rows(
        self, device: NDArray[Any], origin: Cells, destination: Cells
    ) -> tuple[Integers, Cells, Integers, Integers]:
        """Trips as an engine hands them over."""
        cells, code = np.unique(np.concatenate([origin, destination]), return_inverse=True)
        return device.astype(np.int64), cells, code[: origin.size], code[origin.size :]

    def device_rows(self, devices: Sequence[tuple[int, Recipe]], window: Window = WEEK) -> list[DeviceRows]:
        """Rows of a sealed window by device, in two buckets, as an engine hands them over."""
        return [rows_of(self.movement(self.pings(part, window), window)) for part in _buckets(devices)]

    def trips(self, devices: Sequence[tuple[int, Recipe]], resolutions: Sequence[int]) -> list[list[TripCounts]]:
        """Trips counted at each resolution, in two buckets."""
        found = [self.movement(self.pings(part)).trips for part in _buckets(devices)]
        return [
            [
                trip_counts(*self.trip_rows(rows.device, rows.origin, rows.destination), self.leaves, self.domain(r), r)
                for rows in found
            ]
            for r in resolutions
        ]


def rows_of(found: Movement) -> DeviceRows:
    """One bucket's rows, with lengths in the bins that they are sealed in."""
    ends = [found.presence.cell, found.stays.cell, found.trips.origin, found.trips.destination]
    cells, code = np.unique(np.concatenate(ends), return_inverse=True)
    presence, stays, origin, destination = np.split(code, np.cumsum([each.size for each in ends[:-1]]))
    everyone = np.concatenate([table.device for table in found])
    centre = centres_of(cells)

    def minutes(duration: NDArray[np.int32]) -> Integers:
        return sealed.binned(duration // 60, sealed.MINUTES).astype(np.int64)

    return DeviceRows(
        int(everyone.max(initial=-1)) + 1,
        cells,
        Presence(_wide(found.presence.device), presence, _wide(found.presence.hour)),
        Stays(_wide(found.stays.device), stays, minutes(found.stays.duration)),
        Trips(
            _wide(found.trips.device),
            origin,
            destination,
            _wide(found.trips.hour),
            minutes(found.trips.duration),
            _wide(sealed.binned(distance(centre[origin], centre[destination]), sealed.METRES)),
        ),
    )


def _wide(values: NDArray[np.int32]) -> Integers:
    return values.astype(np.int64)


def _buckets(devices: Sequence[tuple[int, Recipe]]) -> list[list[tuple[int, Recipe]]]:
    return [[device for device in devices if device[0] % 2 == bucket] for bucket in (0, 1)]


@pytest.fixture(scope="session")
def chain() -> Chain:
    """The kernels, and a region of 127 cells around a centre."""
    middle = h3.latlng_to_cell(*CENTRE, LEAF)
    return Chain(np.unique(np.array(list(h3.grid_disk(middle, 6)), dtype=np.uint64)))


@pytest.fixture(scope="session")
def squared_change() -> Callable[[Contribution, Contribution], int]:
    """The squared L2 distance between the sums of two contributions, in Python's integers: exact, no wrapping."""

    def between(one: Contribution, other: Contribution) -> int:
        assert one.sums.shape == other.sums.shape
        assert one.squared_sensitivity == other.squared_sensitivity
        assert one.sums.dtype == other.sums.dtype == np.int64
        moved = (one.sums - other.sums)[one.sums != other.sums]
        return sum(value * value for value in moved.ravel().tolist())

    return between


# --- kinds of devices ------------------------------------------------------------------------------------------------


def _centres(leaves: Cells, rows: Integers) -> Floats:
    """Centres of the region's cells, shape (rows, 2): a resolution-7 centre is well inside a store cell."""
    return centres_of(leaves)[rows]


def _still(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Never moves, and pings often enough to be somewhere in every hour."""
    time = np.arange(window.start, window.end, 1700)
    place = _centres(leaves, np.full(time.size, rng.integers(leaves.size)))
    return Trace(time, place[:, 0], place[:, 1])


def _restless(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Is in another cell of the region every minute of the window."""
    time = np.arange(window.start, window.end, 60)
    place = _centres(leaves, (rng.integers(leaves.size) + 41 * np.arange(time.size)) % leaves.size)
    return Trace(time, place[:, 0], place[:, 1])


def _tour(time: Integers, stops: Floats) -> Trace:
    """Stays of exactly 20 minutes, one second after one another."""
    at = time[0] + PERIOD * np.arange(len(stops))
    place = np.repeat(stops, 2, axis=0)
    return Trace(np.column_stack([at, at + STAY]).ravel(), place[:, 0], place[:, 1])


def _commuter(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Goes to and fro between two cells, far apart, as often as a week allows."""
    stays = (window.end - window.start) // PERIOD
    home = rng.integers(leaves.size)
    away = np.flatnonzero(parents_of(leaves, 5) != parents_of(leaves[home : home + 1], 5))
    ends = np.array([home, rng.choice(away)])
    return _tour(np.array([window.start]), _centres(leaves, ends[np.arange(stays) % 2]))


def _tourist(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Travels as often as a week allows, and never twice from the same cell to the same cell."""
    stays = (window.end - window.start) // PERIOD
    step = 1 + np.arange(stays) // leaves.size  # a round with step 1, one with step 2, ...: no pair comes again
    stops = (rng.integers(leaves.size) + np.cumsum(step)) % leaves.size
    return _tour(np.array([window.start]), _centres(leaves, stops))


def _border(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Travels between the region, its edge, and what is far outside."""
    stays = int(rng.integers(2, 200))
    inside = _centres(leaves, rng.integers(leaves.size, size=stays))
    ways = rng.integers(3, size=stays)[:, None]
    spread = inside + rng.normal(0, 0.15, (stays, 2))
    far = np.tile([[-33.9, 151.2]], (stays, 1))
    return _tour(np.array([window.start + rng.integers(7200)]), np.choose(ways, [inside, spread, far]))


def _chatty(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Has 6,000 pings in two hours, at a few places."""
    time = window.start + rng.integers(window.end - window.start - 7200) + rng.integers(7200, size=6000)
    places = _centres(leaves, rng.integers(leaves.size, size=3)) + rng.normal(0, 1e-3, (3, 2))
    place = places[(time - time.min()) // 1500 % 3]
    return Trace(time, place[:, 0], place[:, 1])


def _burst(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Is in dozens of places at the same second, again and again, some of the rows twice."""
    moments = window.start + STAY * rng.integers((window.end - window.start) // STAY, size=60)
    time = np.repeat(moments, 30)
    place = _centres(leaves, rng.integers(leaves.size, size=time.size))
    twice = rng.integers(time.size, size=200)
    return Trace(np.append(time, time[twice]), *np.concatenate([place, place[twice]]).T)


def _edges(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Pings at the ends of window, hours and cells, at the poles and at the antimeridian."""
    hours = window.start + 3600 * rng.integers(window.hours, size=40)
    time = np.concatenate([[window.start, window.end - 1, window.end - 1], hours, hours - 1, hours + 1800])
    corners = np.array(h3.cell_to_boundary(leaves[rng.integers(leaves.size)]))
    globe = np.array([[90.0, 0.0], [-90.0, 0.0], [0.0, 180.0], [0.0, -180.0], [-0.0, 0.0]])
    places = np.concatenate([corners, globe])
    place = places[rng.integers(len(places), size=time.size)]
    return Trace(time, place[:, 0], place[:, 1])


def _sparse(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """A few pings anywhere about the region; perhaps none."""
    pings = int(rng.integers(40))
    time = rng.integers(window.start, window.end, size=pings)
    place = rng.normal(CENTRE, 0.1, (pings, 2))
    return Trace(time, place[:, 0], place[:, 1])


def _resident(rng: np.random.Generator, leaves: Cells, window: Window) -> Trace:
    """Has three haunts and a position every quarter of an hour, with gaps."""
    time = np.arange(window.start, window.end, 900)
    time = time[rng.random(time.size) < 0.7]
    haunts = _centres(leaves, rng.integers(leaves.size, size=3))
    place = haunts[time // 10_800 % 3] + rng.normal(0, 3e-4, (time.size, 2))
    return Trace(time, place[:, 0], place[:, 1])


KINDS: dict[str, Callable[[np.random.Generator, Cells, Window], Trace]] = {
    "sparse": _sparse,
    "resident": _resident,
    "still": _still,
    "restless": _restless,
    "commuter": _commuter,
    "tourist": _tourist,
    "border": _border,
    "chatty": _chatty,
    "burst": _burst,
    "edges": _edges,
}
