"""Who lives in the town: one person a device, with a home, a workplace, haunts, habits and a phone.

A person is drawn from the seed and the device's number alone. What is known of a person here (the
home!) stays in the kernels' memory and in tests: no function gives it out as a result.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hereabouts.synthetic.config import TownConfig
from hereabouts.synthetic.draws import (
    PURPOSE_IDENTIFIER,
    PURPOSE_PERSON,
    Stream,
    below,
    between,
    bits,
    kernel,
    normal,
    open_stream,
    uniform,
)
from hereabouts.synthetic.town import Town, draw_spot

HOUR = 3600.0
HAUNTS = 4

PERSON = np.dtype(
    [
        ("identifier", np.uint64, (2,)),
        ("home", np.float64, (2,)),  # x, y in metres, as all spots
        ("office", np.float64, (2,)),
        ("haunts", np.float64, (HAUNTS, 2)),
        ("far", np.float64, (2,)),  # where day trips go
        ("lag", np.float64),  # seconds by which this person's clock is behind the town's: shift work
        ("work_start", np.float64),  # seconds of the personal day
        ("work_length", np.float64),
        ("workdays", np.int64),  # bit 0 is Monday
        ("works_at_home", np.float64),  # share of workdays
        ("sociable", np.float64),  # share of evenings spent out
        ("pace", np.float64),  # factor on travel times
        ("rhythm", np.int64),  # how the phone samples, see days.py
        ("pings", np.float64),  # mean pings of a day that is not silent
        ("silent", np.float64),  # share of days without any ping
        ("accuracy", np.float64),  # median horizontal accuracy, metres
        ("consent", np.bool_),
        ("limit_ad_tracking", np.bool_),
        ("android", np.bool_),
    ]
)

_MONDAY_TO_FRIDAY = 0b0011111
_RATE_SIGMA, _HIGHEST_RATE = 0.9, 20.0
# Mask and value that make a random UUID of 128 bits (RFC 9562): version (high half), variant (low half).
_VERSION = (np.uint64(0xFFFFFFFFFFFF0FFF), np.uint64(0x4000))
_VARIANT = (np.uint64(0x3FFFFFFFFFFFFFFF), np.uint64(0x8000000000000000))


def settle(config: TownConfig, town: Town, first: int, size: int) -> NDArray[Any]:
    """Devices `first` to `first` + `size` - 1 of the town, dtype `PERSON`, shape (size,)."""
    people = np.zeros(size, PERSON)
    pings_per_day = config.pings_per_day / (1.0 + config.duplicates)
    shares = np.array([config.consent_refusal, config.limit_ad_tracking])
    _settle(people, np.uint64(config.seed), first, town, pings_per_day, shares)
    return people


@kernel
def _settle(
    people: NDArray[Any],
    seed: np.uint64,
    first: int,
    town: Town,
    pings_per_day: float,
    shares: NDArray[np.float64],
) -> None:
    stream = np.empty(1, np.uint64)
    for row in range(len(people)):
        person = people[row]
        open_stream(stream, seed, PURPOSE_IDENTIFIER, first + row, 0)
        person.identifier[0] = (bits(stream) & _VERSION[0]) | _VERSION[1]
        person.identifier[1] = (bits(stream) & _VARIANT[0]) | _VARIANT[1]
        open_stream(stream, seed, PURPOSE_PERSON, first + row, 0)
        _give_places(person, town, stream)
        _give_work(person, stream)
        person.sociable = 0.45 * uniform(stream)
        person.pace = between(stream, 0.8, 1.25)
        _give_phone(person, pings_per_day, stream)
        person.consent = uniform(stream) >= shares[0]
        person.limit_ad_tracking = uniform(stream) < shares[1]


@kernel
def _give_places(person: Any, town: Town, stream: Stream) -> None:
    x, y = draw_spot(town.quarters, town.homes, stream)
    person.home[0], person.home[1] = x, y
    _choose(person.office, town.offices, x, y, 2, 1.0, stream)
    for haunt in range(HAUNTS):  # the first ones are for daily needs, and near
        _choose(person.haunts[haunt], town.haunts, x, y, 5 - haunt, 1.0, stream)
    _choose(person.far, town.haunts, x, y, 8, -1.0, stream)


@kernel
def _choose(
    chosen: NDArray[np.float64],
    tickets: NDArray[np.float64],
    x: float,
    y: float,
    offers: int,
    sign: float,
    stream: Stream,
) -> None:
    """Of some places drawn by popularity take the nearest to (x, y), or with sign -1 the farthest."""
    best = np.inf
    for _ in range(offers):
        offer = tickets[below(stream, len(tickets))]
        distance = sign * ((offer[0] - x) ** 2 + (offer[1] - y) ** 2)
        if distance < best:
            best = distance
            chosen[0], chosen[1] = offer[0], offer[1]


@kernel
def _give_work(person: Any, stream: Stream) -> None:
    """Office hours for most, shifts for some, school for some, no work for some."""
    person.work_start = HOUR * (8.4 + 0.9 * normal(stream))
    person.work_start = min(max(person.work_start, 6.0 * HOUR), 11.0 * HOUR)
    person.work_length = HOUR * between(stream, 7.5, 9.5)
    person.workdays = _MONDAY_TO_FRIDAY
    kind = uniform(stream)
    turn = uniform(stream)
    if kind < 0.58:  # office
        person.works_at_home = max(0.0, 0.9 * turn - 0.35)
    elif kind < 0.72:  # shifts, on five days of any seven
        person.lag = HOUR * (-2.5 if turn < 0.35 else 5.5 if turn < 0.7 else 13.0)
        off = below(stream, 7)
        person.workdays = 127 ^ (1 << off) ^ (1 << (off + 1) % 7)
    elif kind < 0.84:  # school
        person.work_start = HOUR * between(stream, 8.2, 9.0)
        person.work_length = HOUR * between(stream, 5.0, 7.0)
    else:
        person.workdays = 0


@kernel
def _give_phone(person: Any, pings_per_day: float, stream: Stream) -> None:
    kind = uniform(stream)
    person.rhythm = 0 if kind < 0.5 else 1 if kind < 0.75 else 2
    person.silent = 0.6 * uniform(stream) ** 2
    rate = math.exp(_RATE_SIGMA * normal(stream) - 0.5 * _RATE_SIGMA**2)
    person.pings = pings_per_day * min(rate, _HIGHEST_RATE) / (1.0 - person.silent)
    person.accuracy = 8.0 * math.exp(1.3 * uniform(stream))
    person.android = uniform(stream) < 0.55
