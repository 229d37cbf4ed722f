"""A person's day: when they are where, and how they get from one place to the next.

A day is a list of stops on the personal clock, which runs from 4 o'clock to 28 o'clock and is behind
the town's clock by the person's lag (shift work). It starts and ends at home. Ways between stops take
time and lie on a gentle arc.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hereabouts.synthetic.draws import Stream, below, between, kernel, normal, uniform
from hereabouts.synthetic.people import HOUR

MAX_STOPS = 16
ARRIVE, LEAVE, X, Y, BEND = range(5)  # columns of a stop: seconds, seconds, metres, metres, metres
STOP_COLUMNS = 5

DAY = 24 * HOUR
DAWN = 4 * HOUR  # a personal day starts here
_LONGEST_PARTY = 3.5 * HOUR
_SATURDAY = 5
_WALK, _DRIVE = 1.4, 20.0  # metres a second
_HALFWAY = 8000.0  # metres; the way at which half of the drive's speed is reached
_SET_OFF = 180.0  # seconds from a door to being on the way
_DWELL = 300.0  # no stop is shorter
_ARC, _WIDEST_ARC = 0.15, 1500.0  # how far a way strays from the straight line: share of its length, metres


@kernel
def plan_day(person: Any, weekday: int, stops: NDArray[np.float64], stream: Stream) -> int:
    """Fill `stops`, shape (MAX_STOPS, STOP_COLUMNS), and say how many there are. Monday is weekday 0."""
    _stay_home(stops, person)
    size = 1
    works = (person.workdays >> weekday) & 1 == 1
    goes_to_work = works and uniform(stream) >= person.works_at_home
    if goes_to_work:
        size = _work(person, stops, size, stream)
    elif not works and uniform(stream) < 0.08:
        size = _day_trip(person, stops, size, stream)
    else:
        size = _errands(person, stops, size, 0 if works else 1, stream)
    size = _go(stops, size, person.home, stops[size - 1, LEAVE], person.pace, stream)
    lively = 1.6 if weekday == _SATURDAY or weekday == _SATURDAY - 1 else 0.8
    if uniform(stream) < person.sociable * lively:
        size = _evening_out(person, stops, size, stream)
    stops[size - 1, LEAVE] = np.inf
    return size


@kernel
def locate(stops: NDArray[np.float64], size: int, clock: float) -> tuple[float, float]:
    """Where the person is at `clock`, seconds of the personal day: x, y in metres."""
    stop = 0
    while stop + 1 < size and clock >= stops[stop + 1, ARRIVE]:
        stop += 1
    if clock < stops[stop, LEAVE] or stop + 1 == size:
        return stops[stop, X], stops[stop, Y]
    begin, end = stops[stop, LEAVE], stops[stop + 1, ARRIVE]
    dx, dy = stops[stop + 1, X] - stops[stop, X], stops[stop + 1, Y] - stops[stop, Y]
    length = math.hypot(dx, dy) + 1.0
    done = (clock - begin) / (end - begin)
    aside = stops[stop + 1, BEND] * 4.0 * done * (1.0 - done) / length
    return stops[stop, X] + done * dx - aside * dy, stops[stop, Y] + done * dy + aside * dx


@kernel
def _stay_home(stops: NDArray[np.float64], person: Any) -> None:
    stops[0, ARRIVE], stops[0, LEAVE] = -np.inf, DAWN + 2 * HOUR
    stops[0, X], stops[0, Y] = person.home[0], person.home[1]


@kernel
def _travel_time(distance: float, pace: float) -> float:
    """Seconds from door to door: on foot where it is near, faster the farther it is."""
    return pace * (_SET_OFF + distance / (_WALK + _DRIVE * distance / (distance + _HALFWAY)))


@kernel
def _go(
    stops: NDArray[np.float64],
    size: int,
    spot: NDArray[np.float64],
    depart: float,
    pace: float,
    stream: Stream,
) -> int:
    """Leave the last stop at `depart` for `spot`; nothing happens if the person is there already."""
    last = stops[size - 1]
    distance = math.hypot(spot[0] - last[X], spot[1] - last[Y])
    if distance < 1.0:
        return size
    last[LEAVE] = max(depart, last[ARRIVE] + _DWELL)
    stop = stops[size]
    stop[ARRIVE] = last[LEAVE] + _travel_time(distance, pace)
    stop[LEAVE] = stop[ARRIVE] + _DWELL
    stop[X], stop[Y] = spot[0], spot[1]
    stop[BEND] = min(_ARC * distance, _WIDEST_ARC) * between(stream, -1.0, 1.0)
    return size + 1


@kernel
def _work(person: Any, stops: NDArray[np.float64], size: int, stream: Stream) -> int:
    """To work by the start, perhaps past a school or a bakery; lunch nearby; shopping on the way home."""
    start = person.work_start + 900.0 * normal(stream)
    end = start + person.work_length + 1200.0 * normal(stream)
    way = math.hypot(person.office[0] - person.home[0], person.office[1] - person.home[1])
    depart = start - _travel_time(way, person.pace)
    if uniform(stream) < 0.15:
        size = _go(stops, size, person.haunts[0], depart - 1200.0, person.pace, stream)
        depart = stops[size - 1, LEAVE]
    size = _go(stops, size, person.office, depart, person.pace, stream)
    if uniform(stream) < 0.3:
        table = np.empty(2)
        table[0] = person.office[0] + 250.0 * normal(stream)
        table[1] = person.office[1] + 250.0 * normal(stream)
        size = _go(stops, size, table, 0.5 * (start + end) + 900.0 * normal(stream), person.pace, stream)
        size = _go(stops, size, person.office, stops[size - 1, ARRIVE] + 2400.0, person.pace, stream)
    stops[size - 1, LEAVE] = max(end, stops[size - 1, ARRIVE] + _DWELL)
    if uniform(stream) < 0.4:
        size = _go(stops, size, person.haunts[below(stream, 3)], stops[size - 1, LEAVE], person.pace, stream)
        stops[size - 1, LEAVE] = stops[size - 1, ARRIVE] + HOUR * between(stream, 0.2, 1.2)
    return size


@kernel
def _day_trip(person: Any, stops: NDArray[np.float64], size: int, stream: Stream) -> int:
    """A day in another town, with a walk there."""
    depart = HOUR * between(stream, 8.0, 11.0)
    size = _go(stops, size, person.far, depart, person.pace, stream)
    walk = np.empty(2)
    walk[0] = person.far[0] + 600.0 * normal(stream)
    walk[1] = person.far[1] + 600.0 * normal(stream)
    depart = stops[size - 1, ARRIVE] + HOUR * between(stream, 1.0, 4.0)
    size = _go(stops, size, walk, depart, person.pace, stream)
    stops[size - 1, LEAVE] = max(HOUR * between(stream, 16.0, 20.0), stops[size - 1, ARRIVE] + _DWELL)
    return size


@kernel
def _errands(person: Any, stops: NDArray[np.float64], size: int, more: int, stream: Stream) -> int:
    """None, one or two outings from home, some of them to two places."""
    depart = HOUR * between(stream, 9.0, 13.0)
    for _ in range(below(stream, 2 + more)):
        size = _go(stops, size, person.haunts[below(stream, 3)], depart, person.pace, stream)
        depart = stops[size - 1, ARRIVE] + HOUR * between(stream, 0.3, 2.5)
        if uniform(stream) < 0.3:
            size = _go(stops, size, person.haunts[below(stream, 3)], depart, person.pace, stream)
            depart = stops[size - 1, ARRIVE] + HOUR * between(stream, 0.3, 1.5)
        size = _go(stops, size, person.home, depart, person.pace, stream)
        depart = stops[size - 1, ARRIVE] + HOUR * between(stream, 0.5, 3.0)
    stops[size - 1, LEAVE] = max(depart, stops[size - 1, ARRIVE] + _DWELL)
    return size


@kernel
def _evening_out(person: Any, stops: NDArray[np.float64], size: int, stream: Stream) -> int:
    depart = max(HOUR * between(stream, 18.5, 20.5), stops[size - 1, ARRIVE] + 1800.0)
    size = _go(stops, size, person.haunts[2 + below(stream, 2)], depart, person.pace, stream)
    leave = stops[size - 1, ARRIVE] + between(stream, HOUR, _LONGEST_PARTY)
    return _go(stops, size, person.home, leave, person.pace, stream)
