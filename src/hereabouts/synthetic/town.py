"""The made-up town: a dense centre, suburbs, villages, the roads between them, a neighbouring town.

All of it is quarters, a quarter being a street from one end to the other with houses on both sides
that thin out exponentially (a centre is a street of no length; Clark 1951 found cities to thin out
like this). Places to work and to go out are Zipf distributed: few draw many. Positions are metres
east and north of the centre on a flat map.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hereabouts.synthetic.config import TownConfig
from hereabouts.synthetic.draws import PURPOSE_TOWN, Stream, below, exponential, kernel, open_stream, uniform

METRES_PER_DEGREE = 6_371_008.8 * math.pi / 180.0

_MILLION = 1e6
_REACH_OF_A_MILLION = 21_000.0  # metres; a metropolis with its belt of villages
_TICKETS = 1 << 16
_SUBURBS, _VILLAGES, _ROADS = 12, 30, 6  # of a million devices
_FEWEST = 3
_DEVICES_A_PLACE, _FEWEST_PLACES, _MOST_PLACES = 40, 60, 20_000
_ZIPF_PLACES, _ZIPF_SETTLEMENTS = 0.7, 0.6

# Shares of homes, workplaces and places to go in each kind of quarter.
_SHARES = {
    "centre": (0.28, 0.50, 0.45),
    "suburbs": (0.40, 0.27, 0.30),
    "villages": (0.14, 0.07, 0.08),
    "roads": (0.10, 0.08, 0.07),
    "neighbour": (0.08, 0.08, 0.10),
}


class Town(NamedTuple):
    """The town as the kernels need it. A place with ten tickets is drawn ten times as often as one with one.

    Parameters
    ----------
    quarters
        Shape (q, 5): both ends of the street (x, y, x, y) and how far houses spread from it, metres.
    homes
        Tickets, shape (t,): the quarter of a home.
    offices, haunts
        Tickets, shape (t, 2): x, y of a workplace or school, and of a place to shop or go out.
    """

    quarters: NDArray[np.float64]
    homes: NDArray[np.int64]
    offices: NDArray[np.float64]
    haunts: NDArray[np.float64]


def build_town(config: TownConfig) -> Town:
    """Lay out the town that the seed asks for, as large as its number of devices needs."""
    growth = (config.devices / _MILLION) ** 0.25
    quarters, shares = _quarters(config, growth)
    homes, offices, haunts = (_tickets(shares[:, use]) for use in range(3))
    seed = np.uint64(config.seed)
    places = min(max(config.devices // _DEVICES_A_PLACE, _FEWEST_PLACES), _MOST_PLACES)
    popular = _tickets(_zipf(places, _ZIPF_PLACES))
    return Town(
        quarters=quarters,
        homes=homes,
        offices=_scatter(places, quarters, offices, seed, 1)[popular],
        haunts=_scatter(places, quarters, haunts, seed, 2)[popular],
    )


def _quarters(config: TownConfig, growth: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Streets, shape (q, 5), and what share of homes, offices and haunts each has, shape (q, 3)."""
    rng = np.random.default_rng([config.seed, PURPOSE_TOWN])
    reach = _REACH_OF_A_MILLION * growth
    suburbs, villages, roads = (max(_FEWEST, round(most * growth)) for most in (_SUBURBS, _VILLAGES, _ROADS))
    centre = np.zeros((1, 2))
    suburb = _around(rng, suburbs, 0.25 * reach, 0.75 * reach)
    village = _around(rng, villages, 0.6 * reach, 1.6 * reach)
    neighbour = _around(rng, 1, 2.4 * reach, 2.8 * reach)
    ends = np.concatenate([neighbour, village[: roads - 1]])  # the largest villages have a road
    kinds = [
        ("centre", centre, centre, 0.075, np.ones(1)),
        ("suburbs", suburb, suburb, 0.035, _zipf(suburbs, _ZIPF_SETTLEMENTS)),
        ("villages", village, village, 0.014, _zipf(villages, _ZIPF_SETTLEMENTS)),
        ("roads", np.repeat(centre, len(ends), axis=0), ends, 0.012, np.hypot(*ends.T)),
        ("neighbour", neighbour, neighbour, 0.035, np.ones(1)),
    ]
    streets = [np.column_stack([a, b, np.full(len(a), spread * reach)]) for _, a, b, spread, _ in kinds]
    shares = [np.outer(weight / weight.sum(), _SHARES[kind]) for kind, _, _, _, weight in kinds]
    return np.concatenate(streets), np.concatenate(shares)


def _around(rng: np.random.Generator, size: int, near: float, far: float) -> NDArray[np.float64]:
    """Points in a ring about the centre, shape (size, 2); angles are spread so that none crowd."""
    angle = 2 * np.pi * (rng.permutation(size) + rng.random() + 0.7 * rng.random(size)) / size
    distance = near + (far - near) * rng.random(size)
    return np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])


def _zipf(size: int, exponent: float) -> NDArray[np.float64]:
    """Weights of ranks 1 to size."""
    return np.arange(1, size + 1, dtype=np.float64) ** -exponent


def _tickets(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices into `weights`, each as often as its weight asks for (systematic sampling)."""
    cumulative = np.cumsum(weights) / weights.sum()
    found = np.searchsorted(cumulative, (np.arange(_TICKETS) + 0.5) / _TICKETS)
    return np.minimum(found, len(weights) - 1)


@kernel
def draw_spot(quarters: NDArray[np.float64], tickets: NDArray[np.int64], stream: Stream) -> tuple[float, float]:
    """A point of a quarter: somewhere along its street, thinning out exponentially away from it."""
    quarter = quarters[tickets[below(stream, len(tickets))]]
    along = uniform(stream)
    away = quarter[4] * (exponential(stream) + exponential(stream))  # radius of exp(-r / spread) in the plane
    angle = 2.0 * math.pi * uniform(stream)
    x = quarter[0] + along * (quarter[2] - quarter[0]) + away * math.cos(angle)
    y = quarter[1] + along * (quarter[3] - quarter[1]) + away * math.sin(angle)
    return x, y


@kernel
def _scatter(
    size: int, quarters: NDArray[np.float64], tickets: NDArray[np.int64], seed: np.uint64, kind: int
) -> NDArray[np.float64]:
    """Spots of `size` places, shape (size, 2)."""
    spots = np.empty((size, 2))
    stream = np.empty(1, np.uint64)
    for place in range(size):
        open_stream(stream, seed, PURPOSE_TOWN, place, kind)
        spots[place] = draw_spot(quarters, tickets, stream)
    return spots
